using System.Buffers;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Packs;

/// <summary>
/// The record of a pack that is being written piece by piece: see <see cref="PackWriter.BeginStreamed"/>.
/// </summary>
public sealed class StreamedRecord : IDisposable
{
    private readonly HashingBuffer _buffer;

    internal StreamedRecord(ReadOnlySpan<byte> leafKey, AmaHeader header, IRandom random, IBufferWriter<byte> target)
    {
        Header = header;
        Span<byte> rebuilt = stackalloc byte[AmaHeader.Bytes];
        header.Write(rebuilt);
        _buffer = new HashingBuffer(target, rebuilt);
        Sealed = SealedMessage.BeginBody(leafKey, header, random, _buffer);
    }

    public AmaHeader Header { get; }

    /// <summary>Takes the payload: usually through a <see cref="PayloadWriter"/>, which finishes it.</summary>
    public CobblestoneWriter Sealed { get; }

    public void Dispose()
    {
        Sealed.Dispose();
        _buffer.Dispose();
    }

    internal byte[] Hash() => _buffer.Hash();

    /// <summary>Hashes what goes into the pack, as if the rebuilt header stood in front of it.</summary>
    private sealed class HashingBuffer : IBufferWriter<byte>, IDisposable
    {
        private readonly IBufferWriter<byte> _target;
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private Memory<byte> _given;

        public HashingBuffer(IBufferWriter<byte> target, ReadOnlySpan<byte> header)
        {
            _target = target;
            _hash.AppendData(header);
        }

        public byte[] Hash() => _hash.GetHashAndReset();

        public void Advance(int count)
        {
            _hash.AppendData(_given.Span[..count]);
            _given = default;
            _target.Advance(count);
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => _given = _target.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public void Dispose() => _hash.Dispose();
    }
}
