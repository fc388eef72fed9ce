using System.Net;
using System.Text;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Gateway.Smtp.Link;
using AMA.Gateway.Smtp.Protocol;
using CsCheck;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class SourceIndexTests
{
    private const string Fingerprint = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    private static readonly byte[] Secret = SourceSecret.Hash("open sesame"u8);
    private byte _sources;

    [Fact]
    public void EachKindOfProof_FindsItsTenant_AndNoOther()
    {
        var index = new SourceIndex(
        [
            Tenant(1, Source(SourceKind.Auth, "one.x", Secret)),
            Tenant(2, Source(SourceKind.Network, "192.0.2.0/24"), Source(SourceKind.Network, "2001:db8::/32")),
            Tenant(3, Source(SourceKind.Certificate, Fingerprint)),
        ]);
        Assert.Equal([1], Of(index, "203.0.113.1", identity: "one.x"));
        Assert.Equal([2], Of(index, "192.0.2.255"));
        Assert.Equal([2], Of(index, "::ffff:192.0.2.1"));
        Assert.Equal([2], Of(index, "2001:db8:ffff::1"));
        Assert.Equal([3], Of(index, "203.0.113.1", Fingerprint));
        Assert.Equal([1, 3, 2], Of(index, "192.0.2.1", Fingerprint, "one.x"));
        Assert.Empty(Of(index, "192.0.3.1", identity: "ONE.X"));
        Assert.Empty(Of(index, "2001:db9::1", new string('0', 64)));
    }

    [Fact]
    public void NetworksOfTwoTenants_AreBothFound_TheNarrowestFirst()
    {
        var index = new SourceIndex(
        [
            Tenant(1, Source(SourceKind.Network, "10.0.0.0/8")),
            Tenant(2, Source(SourceKind.Network, "10.1.0.0/16"), Source(SourceKind.Network, "10.1.2.3/32")),
        ]);
        Assert.Equal([2, 2, 1], Of(index, "10.1.2.3"));
        Assert.Equal([1], Of(index, "10.2.2.3"));
    }

    /// <summary>The index against the plain question "does any network contain it?".</summary>
    [Fact]
    public void AnyAddress_IsInTheNetworksThatContainIt() =>
        Gen.Select(Gen.Byte.Array[4], Gen.Select(Gen.Byte.Array[4], Gen.Int[8, 32]).Array[0, 8]).Sample((client, networks) =>
        {
            // Near each other, or next to nothing would ever match.
            var address = new IPAddress(client.Select(octet => (byte)(octet & 3)).ToArray());
            var all = networks.Select(network => Network(network.Item1, network.Item2)).ToList();
            var index = new SourceIndex(
                [Tenant(1, [.. all.Select(network => Source(SourceKind.Network, network.ToString()))])]);
            Assert.Equal(all.Count(network => network.Contains(address)), Of(index, address.ToString()).Length);
        });

    [Fact]
    public void Secret_IsThatOfTheUser_AndOfNobodyElse()
    {
        var other = SourceSecret.Hash("other"u8);
        var index = new SourceIndex(
            [Tenant(1, Source(SourceKind.Auth, "one.x", Secret)), Tenant(2, Source(SourceKind.Auth, "two.x", other))]);
        Assert.True(index.Knows("one.x", "open sesame"u8));
        Assert.False(index.Knows("one.x", "other"u8));
        Assert.False(index.Knows("one.x", "open sesam"u8));
        Assert.False(index.Knows("two.x", "open sesame"u8));
        Assert.False(index.Knows("three.x", "open sesame"u8));
        Assert.False(index.Knows("nobody", "nobody's"u8));
    }

    private static int[] Of(SourceIndex index, string address, string? certificate = null, string? identity = null) =>
        [.. index.Of(new(IPAddress.Parse(address), certificate, identity)).Select(s => (int)s.Tenant.Value.ToByteArray()[15])];

    private static IPNetwork Network(byte[] bytes, int length)
    {
        var bits = bytes.Aggregate(0u, (sum, octet) => (sum << 8) | (byte)(octet & 3)) & (uint.MaxValue << (32 - length));
        return new(new IPAddress(BitConverter.GetBytes(bits).Reverse().ToArray()), length);
    }

    private static PublishedTenant Tenant(byte number, params MailSource[] sources) =>
        new(new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number), false, null, null, [], [], sources);

    private MailSource Source(SourceKind kind, string match, byte[]? secret = null) =>
        new(new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, ++_sources), kind, match, secret);
}
