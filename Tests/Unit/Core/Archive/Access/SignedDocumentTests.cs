using System.Text;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Access;

public sealed class SignedDocumentTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private readonly Secret _seed = Secret.Random(new SeededRandom(11));

    private byte[] Key => SignedDocument.PublicKeyOf(_seed);

    public void Dispose() => _seed.Dispose();

    private const string TenantMembers = """
        "tenant":"ID","suspended":false,"messageBytesMax":null,"messagesPerMinuteMax":null,"domains":[]
        """;

    private const string SourceMembers = """{"id":"ID","kind":"network","match":"192.0.2.0/24","secret":null}""";

    [Fact]
    public void Signature_IsThatOfRfc8032_OverLabelZeroAndBody()
    {
        // RFC 8032, 7.1, TEST 3: the seed's public key; the body is chosen so that label, zero and body are ours.
        using var seed = Secret.Copy(Convert.FromHexString(
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"));
        Assert.Equal(
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            Convert.ToHexStringLower(SignedDocument.PublicKeyOf(seed)));
        var signed = SignedDocument.Sign(seed, "label", "body"u8);
        Assert.Equal("body", Encoding.ASCII.GetString(signed[64..]));
        using var key = NSec.Cryptography.Key.Import(
            NSec.Cryptography.SignatureAlgorithm.Ed25519, seed.Span, NSec.Cryptography.KeyBlobFormat.RawPrivateKey);
        Assert.Equal(
            NSec.Cryptography.SignatureAlgorithm.Ed25519.Sign(key, "label\0body"u8), signed[..64]);
    }

    [Fact]
    public void EveryFlippedBit_IsRefused()
    {
        var signed = Directory().Sign(_seed);
        for (var bit = 0; bit < signed.Length * 8; bit++)
        {
            signed[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(DirectoryDocument.TryVerify(signed, Key, out _), $"bit {bit}");
            signed[bit / 8] ^= (byte)(1 << bit % 8);
        }
        Assert.True(DirectoryDocument.TryVerify(signed, Key, out _));
    }

    [Fact]
    public void EveryTruncation_IsRefused()
    {
        var signed = Directory().Sign(_seed);
        for (var length = 0; length < signed.Length; length++)
            Assert.False(DirectoryDocument.TryVerify(signed.AsMemory(0, length), Key, out _));
    }

    [Fact]
    public void AnotherKeyOrAnotherLabel_IsRefused()
    {
        var signed = Directory().Sign(_seed);
        using var other = Secret.Random(new SeededRandom(12));
        Assert.False(DirectoryDocument.TryVerify(signed, SignedDocument.PublicKeyOf(other), out _));
        Assert.False(DirectoryDocument.TryVerify(signed, new byte[31], out _));
        Assert.False(SignedDocument.TryVerify(Key, QueueKeysDocument.Label, signed, out _));
        Assert.False(SignedDocument.TryVerify(Key, "ama/directory@v", signed, out _));
    }

    [Fact]
    public void Documents_ComeBackAsTheyWere()
    {
        var directory = Directory();
        Assert.True(DirectoryDocument.TryVerify(directory.Sign(_seed), Key, out var read));
        Assert.Equivalent(directory, read, strict: true);

        var keys = new QueueKeysDocument(Region.Us, Now, [new(2930, new byte[32], Now, Now.AddDays(30))]);
        Assert.True(QueueKeysDocument.TryVerify(keys.Sign(_seed), Key, out var readKeys));
        Assert.Equivalent(keys, readKeys, strict: true);
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("\"tenants\":[]", "\"tenants\":[],\"more\":1", false)]
    [InlineData(",\"tenants\":[]", "", false)]
    [InlineData("\"tenants\":[]", "\"tenants\":null", false)]
    [InlineData("\"version\":1", "\"version\":1,\"version\":2", false)]
    [InlineData("\"version\"", "\"Version\"", false)]
    [InlineData("\"eu\"", "\"mars\"", false)]
    [InlineData("\"eu\"", "1", false)]
    [InlineData("}", "} x", false)]
    [InlineData("[]", "[{TENANT,\"addresses\":[{\"address\":\"a@b\",\"mailbox\":\"ID\"}],\"sources\":[]}]", true)]
    [InlineData("[]", "[{TENANT,\"addresses\":[{\"address\":\"a@b\"}],\"sources\":[]}]", false)]
    [InlineData("[]", "[{TENANT,\"addresses\":[{\"address\":\"a@b\",\"mailbox\":\"{ID}\"}],\"sources\":[]}]", false)]
    [InlineData("[]", "[{TENANT,\"addresses\":[]}]", false)]
    [InlineData("[]", "[{TENANT,\"addresses\":[],\"sources\":[SOURCE]}]", true)]
    [InlineData("[]", "[{TENANT,\"addresses\":[],\"sources\":[SOURCE,null]}]", false)]
    [InlineData("[]", "[null]", false)]
    public void Body_IsReadStrictly_EvenWhenSigned(string part, string instead, bool good)
    {
        const string whole = """{"version":1,"region":"eu","issuedAt":"2026-03-04T05:06:07+00:00","tenants":[]}""";
        var body = (part.Length == 0 ? whole : whole.Replace(part, instead))
            .Replace("TENANT", TenantMembers).Replace("SOURCE", SourceMembers).Replace("ID", new string('0', 32));
        var signed = SignedDocument.Sign(_seed, DirectoryDocument.Label, Encoding.UTF8.GetBytes(body));
        Assert.Equal(good, DirectoryDocument.TryVerify(signed, Key, out _));
    }

    [Fact]
    public void AccessGrant_IsValidFromIssueToExpiry()
    {
        var grant = Grant();
        var token = grant.Sign(_seed);
        Assert.True(AccessGrant.TryVerify(token, Key, Now, out var read));
        Assert.Equivalent(grant, read, strict: true);
        Assert.True(AccessGrant.TryVerify(token, Key, Now.AddHours(8).AddTicks(-1), out _));
        Assert.False(AccessGrant.TryVerify(token, Key, Now.AddHours(8), out _));
        Assert.True(AccessGrant.TryVerify(token, Key, Now - AccessGrant.ClockSkewMax, out _));
        Assert.False(AccessGrant.TryVerify(token, Key, Now - AccessGrant.ClockSkewMax - TimeSpan.FromTicks(1), out _));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("=")]
    [InlineData("AAAA")]
    [InlineData("not base64url at all!")]
    public void NoToken_IsRefused(string? token) => Assert.False(AccessGrant.TryVerify(token, Key, Now, out _));

    [Fact]
    public void OverlongToken_IsRefusedBeforeAnyWork() =>
        Assert.False(AccessGrant.TryVerify(new string('A', AccessGrant.TokenCharsMax + 1), Key, Now, out _));

    [Fact]
    public void OperatorWithATenant_AndOthersWithout_AreRefused()
    {
        Assert.False(AccessGrant.TryVerify((Grant() with { Role = AccessRole.Operator }).Sign(_seed), Key, Now, out _));
        Assert.False(AccessGrant.TryVerify((Grant() with { Tenant = null }).Sign(_seed), Key, Now, out _));
    }

    private static AccessGrant Grant() => new(
        new SeededRandom(1).NextId(), new SeededRandom(2).NextId(), "quiet-harbour", "wilma", AccessRole.Auditor,
        ["wilma@example.com"], Now, Now.AddHours(8), Region.Eu);

    private static DirectoryDocument Directory() => new(
        7, Region.Eu, Now,
        [
            new(
                new SeededRandom(3).NextId(), true, 1_000, null,
                [new("a@b.example", new SeededRandom(4).NextId())], [new("b.example", new SeededRandom(5).NextId())],
                [
                    new(new SeededRandom(6).NextId(), SourceKind.Auth, "b.x", new byte[32]),
                    new(new SeededRandom(7).NextId(), SourceKind.Network, "192.0.2.0/24", null),
                ]),
        ]);
}
