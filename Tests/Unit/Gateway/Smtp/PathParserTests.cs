using System.Text;
using AMA.Gateway.Smtp.Protocol;
using CsCheck;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class PathParserTests
{
    private const string AtomText = "abzAZ09!#$%&'*+-/=?^_`{|}~";

    private static readonly Gen<string> Atom = Gen.OneOf(
        Gen.Char[AtomText].Array[1, 6].Select(chars => new string(chars)), Gen.OneOf("é", "日本", "ß", "𝒳"));

    private static readonly Gen<string> DotString = Atom.Array[1, 4].Select(atoms => string.Join('.', atoms));

    private static readonly Gen<string> QuotedPiece = Gen.OneOf(
        Gen.Char[" !#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~"].Select(c => c.ToString()),
        Gen.Char[' ', '~'].Select(c => $"\\{c}"));

    private static readonly Gen<string> Quoted =
        QuotedPiece.Array[0, 8].Select(pieces => $"\"{string.Concat(pieces)}\"");

    private static readonly Gen<string> Label = Gen.Select(
        Gen.Char["azAZ09é_"], Gen.Char["azAZ09-é_"].Array[0, 5], Gen.Char["azAZ09é_"],
        (first, middle, last) => $"{first}{new string(middle)}{last}");

    private static readonly Gen<string> Domain = Gen.OneOf(
        Label.Array[1, 4].Select(labels => string.Join('.', labels)),
        Gen.OneOf("[192.0.2.1]", "[IPv6:2001:db8::1]", "[IPv6:::ffff:192.0.2.1]", "localhost"));

    private static readonly Gen<string> Mailbox =
        Gen.Select(Gen.OneOf(DotString, Quoted), Domain, (local, domain) => $"{local}@{domain}");

    private static readonly Gen<string> Route = Gen.OneOf(
        Gen.Const(""), Label.Array[1, 3].Select(labels => string.Join(',', labels.Select(l => "@" + l)) + ":"));

    [Fact]
    public void Threat_10_WhatTheGrammarMakes_IsReadAsWritten() => Gen.Select(Route, Mailbox).Sample((route, mailbox) =>
    {
        var bytes = Encoding.UTF8.GetBytes($"<{route}{mailbox}> SIZE=1");
        Assert.Equal(PathFault.None, PathParser.Parse(bytes, out var path, out var read));
        Assert.Equal(mailbox, path.Text);
        Assert.Equal(bytes.Length - " SIZE=1".Length, read);
        Assert.EndsWith("@" + path.Domain, mailbox);
    });

    /// <summary>Whoever compares keys must come to the same verdict about every way of writing an address.</summary>
    [Fact]
    public void Threat_10_TheKey_IsItsOwnKey() => Mailbox.Sample(mailbox =>
    {
        Assert.Equal(PathFault.None, Parse($"<{mailbox}>", out var path));
        Assert.Equal(PathFault.None, Parse($"<{path.Key}>", out var again));
        Assert.Equal(path.Key, again.Key);
        Assert.Equal(path.LocalPart.ToLowerInvariant(), again.LocalPart);
    });

    [Fact]
    public void Threat_10_ControlCharacters_AreNeverTaken_AnywhereInAPath() =>
        Gen.Select(Mailbox, Gen.Int[0, 1_000], Gen.Char["\0\r\n\t\x1b\x7f\x80\x85\u2028"])
            .Sample((mailbox, place, control) =>
            {
                var text = $"<{mailbox.Insert(place % (mailbox.Length + 1), control.ToString())}>";
                Assert.NotEqual(PathFault.None, Parse(text, out _));
            });

    [Fact]
    public void Threat_10_AnyOctets_AreReadOrRefused_WithinTheirBounds() =>
        Gen.OneOf(Gen.Byte, Gen.OneOf("<>@.\"\\[]:,a"u8.ToArray())).Array[0, 24].Sample(noise =>
        {
            byte[] bytes = [(byte)'<', .. noise];
            if (PathParser.Parse(bytes, out var path, out var read) != PathFault.None) return;
            Assert.InRange(read, 2, bytes.Length);
            Assert.Equal((byte)'>', bytes[read - 1]);
            Assert.DoesNotContain(path.Text, c => c < ' ' || c == '\x7f');
            Assert.EndsWith(path.Text + ">", Encoding.UTF8.GetString(bytes[..read]));
        });

    [Theory]
    [InlineData("")]
    [InlineData("<")]
    [InlineData("a@b>")]
    [InlineData("<a@b")]
    [InlineData("<@>")]
    [InlineData("<a@>")]
    [InlineData("<@b>")]
    [InlineData("<a>")]
    [InlineData("<a..b@c>")]
    [InlineData("<a.@c>")]
    [InlineData("<a@b.>")]
    [InlineData("<a@.b>")]
    [InlineData("<a@b-.c>")]
    [InlineData("<a@b c>")]
    [InlineData("<a@b>x", 5)]
    [InlineData("<(comment)a@b>")]
    [InlineData("<a@b(comment)>")]
    [InlineData("<\"a@b>")]
    [InlineData("<\"a\"b@c>")]
    [InlineData("<\"a\\\"@c>")]
    [InlineData("<a@[192.0.2]>")]
    [InlineData("<a@[192.0.2.256]>")]
    [InlineData("<a@[0xc0.0.2.1]>")]
    [InlineData("<a@[2001:db8::1]>")]
    [InlineData("<a@[IPv6:2001:db8::1%1]>")]
    [InlineData("<a@[IPv6:192.0.2.1]>")]
    [InlineData("<a@[IPv6:]>")]
    [InlineData("<@a@b>")]
    [InlineData("<@a,b:c@d>")]
    public void WhatIsNoPath_IsRefused(string text, int read = 0)
    {
        var fault = PathParser.Parse(Encoding.UTF8.GetBytes(text), out _, out var actuallyRead);
        Assert.Equal(read == 0 ? PathFault.Syntax : PathFault.None, fault);
        Assert.Equal(read, actuallyRead);
    }

    [Theory]
    [InlineData("<a\u00e9@b>", "C3A9", "C32B")] // a broken sequence
    [InlineData("<a\u00e9@b>", "C3A9", "C0AF")] // an overlong one
    [InlineData("<a\u00e9@b>", "C3A9", "EDA080")] // half a surrogate pair
    public void Threat_11_InvalidUtf8_IsRefused(string text, string good, string bad)
    {
        var hex = Convert.ToHexString(Encoding.UTF8.GetBytes(text));
        var bytes = Convert.FromHexString(hex.Replace(good, bad));
        Assert.Equal(PathFault.Encoding, PathParser.Parse(bytes, out _, out _));
    }

    [Fact]
    public void LongLocalParts_AreTaken_AndLongDomainsAreNot()
    {
        Assert.Equal(PathFault.None, Parse($"<{new string('a', 1_000)}@example.com>", out _));
        Assert.Equal(PathFault.None, Parse($"<a@{new string('a', 63)}.com>", out _));
        Assert.Equal(PathFault.Syntax, Parse($"<a@{new string('a', 64)}.com>", out _));
        var long255 = string.Join('.', Enumerable.Repeat("aaaaaaa", 32))[..255];
        Assert.Equal(PathFault.None, Parse($"<a@{long255}>", out _));
        Assert.Equal(PathFault.Syntax, Parse($"<a@{long255}a.b>", out _));
    }

    [Theory]
    [InlineData("<A@B.Example>", "a@b.example")]
    [InlineData("<\"A\"@b>", "a@b")]
    [InlineData("<\"\\a\"@b>", "a@b")]
    [InlineData("<\"a b\"@b>", "\"a b\"@b")]
    [InlineData("<\"a..b\"@b>", "\"a..b\"@b")]
    [InlineData("<\"\\\"\\\\\"@b>", "\"\\\"\\\\\"@b")]
    [InlineData("<\"a@b\"@c>", "\"a@b\"@c")]
    [InlineData("<PostMaster>", "postmaster")]
    public void Keys_AreOneFormOfAnAddress(string text, string key)
    {
        Assert.Equal(PathFault.None, Parse(text, out var path));
        Assert.Equal(key, path.Key);
    }

    private static PathFault Parse(string text, out MailPath path) =>
        PathParser.Parse(Encoding.UTF8.GetBytes(text), out path, out _);
}
