using System.Buffers;
using AMA.Archive.Ids;
using AMA.Archive.Spool;

namespace AMA.Gateway.Smtp.Spooling;

/// <summary>
/// Where messages go before their 250. Every method throws <see cref="SpoolException"/> when the message is not, or not
/// certainly, durable in the required number of stores: then the client keeps it and sends it again. All waits are
/// bounded by the spool itself.
/// </summary>
public interface ISpool
{
    /// <summary>
    /// Returns when the message is durable. <paramref name="raw"/> must stay as it is until then. Can't be cancelled: a
    /// client that goes away in the meantime has lost its answer, not its mail.
    /// </summary>
    ValueTask<DeliveryId> StoreAsync(Envelope envelope, ReadOnlySequence<byte> raw);

    /// <summary>Begins a message of any length that is not held in memory.</summary>
    ValueTask<ISpoolStream> BeginAsync(Envelope envelope);
}

/// <summary>A message on its way. Disposed without a commit it leaves nothing.</summary>
public interface ISpoolStream : IAsyncDisposable
{
    ValueTask WriteAsync(ReadOnlyMemory<byte> raw);
    ValueTask<DeliveryId> CommitAsync();
}

/// <summary>The spool can't take the message now: always ours, always transient (4xx).</summary>
public sealed class SpoolException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>For want of room, and for nothing else.</summary>
    public bool IsFull { get; init; }
}
