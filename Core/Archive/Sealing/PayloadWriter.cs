using System.Buffers;
using System.Security.Cryptography;
using ZstdSharp;

namespace AMA.Archive.Sealing;

/// <summary>
/// Writes the payload of a large message piece by piece: compresses and seals, with bounded memory. Always zstd, so
/// the header says <see cref="AmaCompression.Zstd"/>. The raw bytes are those that an earlier pass hashed; when they
/// turn out to be others, <see cref="Finish"/> throws and nothing may be kept. Not thread-safe.
/// </summary>
public sealed class PayloadWriter : IDisposable
{
    private const int OutputBytes = 128 << 10;

    private readonly Preamble _preamble;
    private readonly CobblestoneWriter _target;
    private readonly Compressor _compressor = new(Zstd.Level);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _output = ArrayPool<byte>.Shared.Rent(OutputBytes);
    private long _rawBytes;
    private bool _disposed;

    public PayloadWriter(Preamble preamble, CobblestoneWriter target)
    {
        _preamble = preamble;
        _target = target;
        var encoded = PreambleCodec.Encode(preamble);
        _compressor.SetPledgedSrcSize((ulong)(encoded.Length + preamble.RawLength));
        Compress(encoded, last: false);
    }

    /// <summary>Throws (Content) as soon as there is more than the preamble announced.</summary>
    public void Write(ReadOnlySpan<byte> raw)
    {
        _rawBytes += raw.Length;
        SealException.Unless(_rawBytes <= _preamble.RawLength, SealFault.Content, "more than the preamble announced");
        _hash.AppendData(raw);
        Compress(raw, last: false);
    }

    /// <summary>Ends payload and seal; throws (Content) when the raw bytes weren't those of the preamble.</summary>
    public void Finish()
    {
        var same = _rawBytes == _preamble.RawLength
            && _hash.GetHashAndReset().AsSpan().SequenceEqual(_preamble.RawSha256);
        SealException.Unless(same, SealFault.Content, "the message isn't the one that came");
        Compress(default, last: true);
        _target.Finish();
    }

    /// <summary>Leaves the target, which is the caller's.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _compressor.Dispose();
        _hash.Dispose();
        CryptographicOperations.ZeroMemory(_output);
        ArrayPool<byte>.Shared.Return(_output);
    }

    private void Compress(ReadOnlySpan<byte> plain, bool last)
    {
        OperationStatus status;
        do
        {
            status = _compressor.WrapStream(plain, _output, out var consumed, out var written, last);
            _target.Write(_output.AsSpan(0, written));
            plain = plain[consumed..];
        }
        while (status == OperationStatus.DestinationTooSmall || plain.Length > 0);
    }
}
