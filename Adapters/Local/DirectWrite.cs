using Microsoft.Win32.SafeHandles;

namespace AMA.Adapters.Local;

/// <summary>
/// Writes past the page cache (O_DIRECT): what is written once and read by somebody else needs no copy there, and
/// finding pages for a megabyte costs ten times what its write costs.
/// </summary>
internal static class DirectWrite
{
    /// <summary>Below it a copy costs less than what the kernel does to go without.</summary>
    public const int BytesMin = 64 << 10;

    /// <summary>Of memory, offsets and lengths: what disks and file systems ask for at most.</summary>
    private const int BlockBytes = 4_096;

    private const int PieceBytes = 1 << 20;

    [ThreadStatic] private static byte[]? _piece;

    /// <summary>
    /// Writes a whole file. Throws <see cref="IOException"/> with <see cref="Errno.Invalid"/> where the file system
    /// wants larger blocks.
    /// </summary>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> content)
    {
        var piece = Piece();
        for (var at = 0; at < content.Length; at += PieceBytes)
        {
            var part = content[at..Math.Min(at + PieceBytes, content.Length)];
            part.CopyTo(piece);
            var blocks = piece[..((part.Length + BlockBytes - 1) / BlockBytes * BlockBytes)];
            blocks[part.Length..].Clear();
            RandomAccess.Write(file, blocks, at);
        }
        if (content.Length % BlockBytes != 0) RandomAccess.SetLength(file, content.Length);
    }

    /// <summary>The thread's own; a file thread writes one file after the other.</summary>
    private static unsafe Span<byte> Piece()
    {
        _piece ??= GC.AllocateUninitializedArray<byte>(PieceBytes + BlockBytes, pinned: true);
        fixed (byte* start = _piece) return _piece.AsSpan(BlockBytes - (int)((nint)start % BlockBytes), PieceBytes);
    }
}
