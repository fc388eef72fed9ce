using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Tests.Unit.Vectors;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys.Roots;

/// <summary>Directories of software roots that another implementation wrote.</summary>
public sealed class KeyRootVectorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ama-vectors-").FullName;

    public static TheoryData<string> Names => [.. VectorCase.ReadFile("key-roots.vector").Select(@case => @case.Name)];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task SoftwareRoot_AllVectors(string name)
    {
        var @case = VectorCase.ReadFile("key-roots.vector").Single(@case => @case.Name == name);
        Directory.CreateDirectory(Path.Combine(_directory, "keys"));
        File.WriteAllBytes(Path.Combine(_directory, SoftwareKeyRoot.HeadFileName), @case.Bytes("head"));
        File.WriteAllBytes(Path.Combine(_directory, "keys", "rkek-eu.3.amk1"), @case.Bytes("key-file"));
        if (@case.IsGood) Assert.Equal(@case.Bytes("plain-key"), await UnwrapAsync(@case));
        else
            Assert.Equal(@case.Expect,
                (await Assert.ThrowsAsync<KeyRootException>(() => UnwrapAsync(@case))).Fault.ToString());
    }

    private async Task<byte[]> UnwrapAsync(VectorCase @case)
    {
        var unlock = new SoftwareUnlock((UnlockKind)@case.Number("kind"), Secret.Copy(@case.Bytes("secret")));
        await using var root = Roots.Open(_directory, unlock);
        using var key = await root.UnwrapAsync(
            KeyType.RegionRoot, "ama/v1|rkek|eu||||", @case.Bytes("blob"), TestContext.Current.CancellationToken);
        return key.Span.ToArray();
    }
}
