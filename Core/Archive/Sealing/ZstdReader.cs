using System.Buffers;
using System.Security.Cryptography;
using ZstdSharp.Unsafe;

namespace AMA.Archive.Sealing;

/// <summary>
/// The content of one zstd frame, streamed: <see cref="Zstd"/>'s rules, with a bounded window instead of the whole in
/// memory. Faults: <see cref="SealException"/> Content, Limit, Trailing, Truncated.
/// </summary>
internal sealed unsafe class ZstdReader : ForwardStream
{
    private const int InputBytes = 64 << 10;

    private readonly byte[] _input = ArrayPool<byte>.Shared.Rent(InputBytes);
    private readonly long _contentBytesMax;
    private ZSTD_DCtx_s* _context;
    private long _left = -1;
    private int _at;
    private int _filled;
    private bool _frameEnded;
    private bool _sourceEnded;

    public ZstdReader(Stream source, long contentBytesMax, bool leaveOpen = false) : base(source, leaveOpen)
    {
        _contentBytesMax = contentBytesMax;
        _context = Methods.ZSTD_createDCtx();
        Methods.ZSTD_DCtx_setParameter(_context, ZSTD_dParameter.ZSTD_d_windowLogMax, Zstd.WindowLogMax);
    }

    /// <summary>A reader that nobody disposed of must not keep its window.</summary>
    ~ZstdReader() => Free();

    /// <summary>What the frame states; known after the first read.</summary>
    public long ContentSize { get; private set; }

    private protected override bool TryTake(Span<byte> buffer, out int taken)
    {
        taken = 0;
        if (_left < 0) return false;
        if (_frameEnded) return AtEnd();

        // Also without input: the library may still hold output back.
        taken = Inflate(buffer[..(int)Math.Min(buffer.Length, _left)]);
        if (taken > 0) return true;
        if (_frameEnded) return AtEnd();
        SealException.Unless(_at == _filled, SealFault.Content, "the frame holds more than it states");
        SealException.Unless(!_sourceEnded, SealFault.Truncated, "the zstd frame is cut short");
        return false;
    }

    private protected override Memory<byte> Wanted() => _input.AsMemory(0, InputBytes);

    private protected override void Feed(int count)
    {
        _at = 0;
        _filled = count;
        _sourceEnded = count < InputBytes;
        if (_left >= 0) return;
        var head = _input.AsSpan(0, Math.Min(count, Zstd.FrameHeadBytes));
        ContentSize = Zstd.ContentSize(head, _contentBytesMax);
        _left = ContentSize;
    }

    private protected override void Release()
    {
        Free();
        GC.SuppressFinalize(this);
        CryptographicOperations.ZeroMemory(_input);
        ArrayPool<byte>.Shared.Return(_input);
    }

    /// <summary>False: only the next piece of the source tells.</summary>
    private bool AtEnd()
    {
        SealException.Unless(_at == _filled, SealFault.Trailing, "bytes follow the zstd frame");
        return _sourceEnded;
    }

    private int Inflate(Span<byte> buffer)
    {
        nuint hint;
        ZSTD_inBuffer_s input;
        ZSTD_outBuffer_s output;
        fixed (byte* source = _input)
        fixed (byte* target = buffer)
        {
            input = new ZSTD_inBuffer_s { src = source, size = (nuint)_filled, pos = (nuint)_at };
            output = new ZSTD_outBuffer_s { dst = target, size = (nuint)buffer.Length, pos = 0 };
            hint = Methods.ZSTD_decompressStream(_context, &output, &input);
        }
        SealException.Unless(!Methods.ZSTD_isError(hint), SealFault.Content, "not a whole zstd frame");
        _at = (int)input.pos;
        _left -= (long)output.pos;
        _frameEnded = hint == 0;
        SealException.Unless(!_frameEnded || _left == 0, SealFault.Content, "the frame holds less than it states");
        return (int)output.pos;
    }

    private void Free()
    {
        if (_context is null) return;
        Methods.ZSTD_freeDCtx(_context);
        _context = null;
    }
}
