using System.Buffers;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>Takes a message's octets, or a chunk's, off what the client sends. Pieces may be cut anywhere.</summary>
public interface IContentReader
{
    /// <summary>All has been read; what follows are commands.</summary>
    bool Ended { get; }

    /// <summary>
    /// Passes the content of <paramref name="piece"/> on to <paramref name="output"/>. Returns how many octets belonged
    /// to it: all of them until <see cref="Ended"/>.
    /// </summary>
    int Read(ReadOnlySpan<byte> piece, IBufferWriter<byte> output);
}
