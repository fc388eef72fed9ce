using System.Buffers;
using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Protocol;
using AMA.Gateway.Smtp.Sessions;
using AMA.Gateway.Smtp.Spooling;

namespace AMA.Gateway.Smtp.Receiving;

/// <summary>
/// One message off the wire into the spool, whole or in chunks, and what to answer. Disposed of before it was stored,
/// nothing of it is kept. Every method throws <see cref="IOException"/> when the client goes in the middle.
/// </summary>
internal sealed class MessageIntake(
    SessionWire wire, ContentGauge gauge, ArrivingMessage message, Action<SpoolException> notStored) : IAsyncDisposable
{
    /// <summary>From 354 to CRLF . CRLF.</summary>
    public async Task<SmtpStep> ReadMessageAsync()
    {
        var closing = await ReadAsync(wire, new BodyReader(gauge), message, message.SettleAsync);
        return closing ?? new(gauge.IsTooLarge ? Replies.TooLarge : await StoreAsync());
    }

    /// <summary>The octets behind one BDAT. A message that has become too large is over with this chunk.</summary>
    public async Task<SmtpStep> ReadChunkAsync(Chunk chunk)
    {
        var closing = await ReadAsync(wire, new ChunkReader(chunk.Octets, gauge), message, message.SettleAsync);
        if (closing is not null) return closing.Value;
        if (gauge.IsTooLarge) return new(Replies.TooLarge);
        return new(chunk.IsLast ? await StoreAsync() : Replies.ChunkOk);
    }

    /// <summary>Octets of a chunk that was refused: read, because commands come behind them. Null: done.</summary>
    public static Task<SmtpStep?> DropAsync(SessionWire wire, Chunk chunk)
    {
        var nowhere = new ArrayBufferWriter<byte>(1);
        return ReadAsync(wire, new ChunkReader(chunk.Octets, new ContentGauge(-1)), nowhere, () => default);
    }

    public ValueTask DisposeAsync() => message.DisposeAsync();

    private static async Task<SmtpStep?> ReadAsync(
        SessionWire wire, IContentReader reader, IBufferWriter<byte> output, Func<ValueTask> settle)
    {
        wire.BeginContent();
        while (!reader.Ended)
        {
            var result = await wire.ReadContentAsync();
            var buffer = result.Buffer;
            foreach (var piece in buffer)
            {
                buffer = buffer.Slice(reader.Read(piece.Span, output));
                if (reader.Ended) break;
            }
            wire.AdvanceTo(buffer.Start);
            if (reader.Ended) break;
            if (wire.ClosingReply is { } reply) return new SmtpStep(reply, SmtpAction.Close);
            if (result.IsCompleted) throw new IOException("the client closed in the middle of a message");
            await settle();
        }
        wire.EndContent();
        await settle();
        return null;
    }

    private async ValueTask<SmtpReply> StoreAsync()
    {
        try
        {
            return Replies.Stored(await message.StoreAsync());
        }
        catch (SpoolException fault)
        {
            notStored(fault);
            return fault.IsFull ? Replies.NoRoom : Replies.NotStored;
        }
    }
}
