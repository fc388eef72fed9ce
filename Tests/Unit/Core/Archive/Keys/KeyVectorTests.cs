using AMA.Archive.Keys;
using AMA.Tests.Unit.Core.Archive.Sealing;
using AMA.Tests.Unit.Vectors;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys;

public class KeyVectorTests
{
    [Fact]
    public void KeyBlob_AllVectors() => VectorRun.All("AMK1.vector", @case => Unwrap(@case).Dispose(), @case =>
    {
        using var key = Unwrap(@case);
        Assert.Equal(@case.Bytes("plain-key"), key.Span.ToArray());
        var head = KeyBlob.Peek(@case.Bytes("blob"));
        Assert.Equal(@case.Number("wrapping-version"), head.WrappingVersion);
        Assert.Equal(@case.Text("context"), head.Context);

        using var wrapping = Secret.Copy(@case.Bytes("wrapping-key"));
        Assert.Equal(@case.Bytes("blob"), KeyBlob.Wrap(
            wrapping, head.WrappingKeyId, head.WrappingVersion, head.Type, head.Context, key.Span,
            new FixedRandom(@case.Bytes("nonce"))));
    });

    [Fact]
    public void KeyTree_AllVectors() => VectorRun.All("key-tree.vector", @case => Import(@case).Dispose(), @case =>
    {
        using var tree = Import(@case);
        Assert.Equal(@case.Bytes("state"), Export(tree));
        if (@case.Has("puncture"))
        {
            Assert.True(tree.Puncture((uint)@case.Number("puncture")));
            Assert.Equal(@case.Bytes("after"), Export(tree));
        }
        foreach (var field in @case.FieldNames.Where(field => field.StartsWith("leaf-")))
        {
            var held = tree.TryLeaf(uint.Parse(field[5..]), out var key);
            Assert.Equal(@case.Text(field) == "none" ? null : @case.Bytes(field), key?.Span.ToArray());
            Assert.Equal(held, tree.Contains(uint.Parse(field[5..])));
            key?.Dispose();
        }
    });

    private static Secret Unwrap(VectorCase @case)
    {
        using var wrapping = Secret.Copy(@case.Bytes("wrapping-key"));
        return KeyBlob.Unwrap(
            wrapping, new Guid(@case.Bytes("wrapping-key-id"), bigEndian: true), @case.Bytes("blob"),
            (KeyType)@case.Number("type"), @case.Text("context"));
    }

    private static KeyTree Import(VectorCase @case) => KeyTree.Import(@case.Bytes("state"));

    private static byte[] Export(KeyTree tree)
    {
        using var state = tree.Export();
        return state.Span.ToArray();
    }
}
