using System.Buffers;

namespace AMA.Adapters.Submission;

/// <summary>Collects one message; stops keeping (but not reading) beyond its limit.</summary>
internal sealed class GrowingBytes(int bytesMax)
{
    private const int PieceBytes = 64 * 1024;
    private ArrayBufferWriter<byte> _bytes = new();

    public bool Overflowed { get; private set; }

    public int Count => _bytes.WrittenCount;

    public async ValueTask<int> ReadFromAsync(Stream stream, CancellationToken cancel)
    {
        var read = await stream.ReadAsync(_bytes.GetMemory(PieceBytes), cancel);
        if (Count + read > bytesMax) Overflowed = true;
        else _bytes.Advance(read);
        return read;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (Count + bytes.Length > bytesMax) Overflowed = true;
        if (!Overflowed) _bytes.Write(bytes);
    }

    /// <summary>What was collected without its last <paramref name="drop"/> bytes; the next message begins.</summary>
    public ReadOnlyMemory<byte> Take(int drop = 0)
    {
        var taken = _bytes.WrittenMemory[..^drop];
        _bytes = new();
        Overflowed = false;
        return taken;
    }
}
