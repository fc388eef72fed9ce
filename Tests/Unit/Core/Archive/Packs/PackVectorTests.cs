using AMA.Archive.Keys;
using AMA.Archive.Packs;
using AMA.Tests.Unit.Core.Archive.Sealing;
using AMA.Tests.Unit.Vectors;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Packs;

public class PackVectorTests
{
    [Fact]
    public void Pack_AllVectors() => VectorRun.All("AMP1.vector", @case => Verify(@case), @case =>
    {
        var pack = Verify(@case);
        Assert.Equal(@case.Text("pack-id"), pack.Header.PackId.ToString("N"));
        Assert.Equal(@case.FieldNames.Count(field => field.StartsWith("message-")), pack.Records.Count);
        Assert.Empty(Done(pack.FindDamagedAsync(default)));
        var messages = pack.Records.Select(record => Done(pack.ReadMessageAsync(record.Number, default))).ToArray();
        for (var i = 0; i < messages.Length; i++) Assert.Equal(@case.Bytes($"message-{i}"), messages[i]);
        if (@case.Name != "streamed") Assert.Equal(@case.Bytes("pack"), PackWriter.Build(pack.Header, messages, out _));
    });

    private static PackReader Verify(VectorCase @case)
    {
        var pack = Done(PackReader.OpenAsync(@case.Bytes("pack"), default));
        Done(PackVerifier.VerifyAsync(pack, _ => Secret.Copy(@case.Bytes("key")), default));
        return pack;
    }

    /// <summary>Over bytes in memory everything is done at once.</summary>
    private static T Done<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }
}
