using System.Security.Cryptography;
using Xunit;

namespace AMA.Tests.Unit.Tidy.Assemblies;

public sealed class CipherTests
{
    private static readonly TypeUse[] Uses =
    [
        .. Repository.Projects
            .Where(p => !p.Folder.StartsWith("Tests/", StringComparison.Ordinal))
            .SelectMany(p => BuiltAssembly.Read(p.BuiltPath).Uses),
    ];

    [Fact]
    public void OnlySealingAndKeys_CallCiphers() => Violations.None(CipherRules.Violations(Uses));

    [Fact]
    public void EveryException_IsStillNeeded_AndSaysWhy() => Assert.All(CipherRules.Allowed, allowed =>
    {
        Assert.Contains(Uses, use => CipherRules.Matches(allowed.User, allowed.Primitive, use));
        Assert.NotEmpty(allowed.Reason);
    });

    [Fact]
    public void Canary_CipherInAnotherRoom_IsSeen()
    {
        var seen = CipherRules.Violations(BuiltAssembly.Read(typeof(CipherTests).Assembly.Location).Uses).ToArray();
        Assert.Contains($"{typeof(CipherTests).FullName} calls {typeof(AesGcm).FullName}", seen);
        Assert.Contains($"{typeof(CipherTests).FullName} calls {typeof(HKDF).FullName}", seen);
    }

    /// <summary>Never called: it stands here to be found by the canary, in a closure on purpose.</summary>
    private static Action CipherOutOfPlace(byte[] key) => () =>
    {
        using var cipher = new AesGcm(HKDF.Expand(HashAlgorithmName.SHA256, key, 32), 16);
        cipher.Encrypt(new byte[12], key, key, new byte[16]);
    };
}
