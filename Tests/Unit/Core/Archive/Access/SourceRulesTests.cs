using System.Text;
using AMA.Archive.Access;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Access;

public sealed class SourceRulesTests
{
    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.0/24")]
    [InlineData(" 192.0.2.7 ", "192.0.2.7/32")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7/32")]
    [InlineData("2001:DB8::/32", "2001:db8::/32")]
    [InlineData("2001:db8::1", "2001:db8::1/128")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    public void Network_HasOneForm(string text, string form)
    {
        Assert.True(SourceRules.TryNetwork(text, out var network));
        Assert.Equal(form, network);
    }

    [Theory]
    [InlineData("192.0.2.1/24")]
    [InlineData("0.0.0.0/0")]
    [InlineData("0.0.0.0/7")]
    [InlineData("::/0")]
    [InlineData("2000::/18")]
    [InlineData("::ffff:192.0.2.0/120")]
    [InlineData("fe80::1%3")]
    [InlineData("192.0.2.0/33")]
    [InlineData("example.com")]
    [InlineData("")]
    [InlineData(null)]
    public void NoNetwork_AndOneThatIsEverybodys_AreRefused(string? text) =>
        Assert.False(SourceRules.TryNetwork(text, out _));

    [Fact]
    public void Fingerprint_IsReadHoweverItIsWritten()
    {
        var digits = string.Concat(Enumerable.Repeat("0aF9", 16));
        var colons = string.Join(':', digits.Chunk(2).Select(pair => new string(pair)));
        Assert.True(SourceRules.TryFingerprint(colons, out var fingerprint));
        Assert.Equal(digits.ToLowerInvariant(), fingerprint);
        Assert.False(SourceRules.TryFingerprint(digits[2..], out _));
        Assert.False(SourceRules.TryFingerprint('g' + digits[1..], out _));
        Assert.False(SourceRules.TryFingerprint(null, out _));
    }

    [Theory]
    [InlineData("Journal.Example", "journal.example")]
    [InlineData("localhost", null)]
    [InlineData("a@b.example", null)]
    [InlineData("-a.example", null)]
    [InlineData(null, null)]
    public void Domain_IsAHostNameOfTwoLabels(string? text, string? form)
    {
        Assert.Equal(form is not null, SourceRules.TryDomain(text, out var domain));
        if (form is not null) Assert.Equal(form, domain);
    }

    [Fact]
    public void Secret_Is160Bits_AndKeptAsAHash()
    {
        var secret = SourceSecret.New(new SeededIds(1));
        Assert.Equal(32, secret.Length);
        Assert.NotEqual(secret, SourceSecret.New(new SeededIds(2)));
        var hash = SourceSecret.Hash(Encoding.UTF8.GetBytes(secret));
        Assert.Equal(hash, SourceSecret.Hash(Encoding.UTF8.GetBytes(secret)));
        Assert.NotEqual(hash, SourceSecret.Hash(Encoding.UTF8.GetBytes(secret.ToUpperInvariant())));
    }
}
