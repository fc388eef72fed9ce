using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Tests.Unit.Core.Archive.Sealing;
using AMA.Tests.Unit.Vectors;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Leases;

/// <summary>Sealed by another implementation, over another library: docs/formats/lease.md, "Sealed keys".</summary>
public sealed class LeaseSealVectorTests
{
    [Fact]
    public void Threat_38_AllVectors() => VectorRun.All(
        "lease-seal.vector", @case => Array.ForEach(Open(@case), key => key.Dispose()), OpensAsWritten);

    private static void OpensAsWritten(VectorCase @case)
    {
        var keys = Open(@case);
        var plain = @case.Bytes("plain");
        Assert.Equal(plain.Length, 4 + 56 * keys.Length);
        for (var i = 0; i < keys.Length; i++)
        {
            var written = new byte[56];
            keys[i].Write(written);
            Assert.Equal(plain.AsSpan(4 + 56 * i, 56).ToArray(), written);
            keys[i].Dispose();
        }
    }

    private static LeasedKey[] Open(VectorCase @case)
    {
        using var kem = LeaseKemPair.Create(
            (LeaseSuite)@case.Number("suite"), new GivenBytes(@case.Bytes("private")));
        Assert.Equal(@case.Bytes("public"), kem.PublicKey);
        var grant = new LeaseGrant(
            new Guid(@case.Bytes("lease"), bigEndian: true), Guid.Empty, "silo-1", LeasePurpose.Ingest,
            (ulong)@case.Number("fence"), (int)@case.Number("ttl"), 1200, 86_400, @case.Bytes("nonce"), kem.Suite,
            @case.Bytes("kem-ciphertext"), @case.Bytes("sealed"));
        return LeaseSeal.OpenKeys(grant, @case.Bytes("request"), kem);
    }

    /// <summary>The pair that the case names, instead of a fresh one.</summary>
    private sealed class GivenBytes(byte[] bytes) : IRandom
    {
        private int _at;

        public void Fill(Span<byte> destination)
        {
            bytes.AsSpan(_at, destination.Length).CopyTo(destination);
            _at += destination.Length;
        }
    }
}
