using System.Buffers;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Spooling;

namespace AMA.Gateway.Smtp.Metering;

/// <summary>The spool, with what goes in counted once it is durable.</summary>
internal sealed class MeteredSpool(ISpool spool, SmtpMeters meters, TimeProvider time) : ISpool
{
    public async ValueTask<DeliveryId> StoreAsync(Envelope envelope, ReadOnlySequence<byte> raw)
    {
        var start = time.GetTimestamp();
        var delivery = await CountingFaults(spool.StoreAsync(envelope, raw));
        meters.Stored(envelope, raw.Length, time.GetElapsedTime(start));
        return delivery;
    }

    public async ValueTask<ISpoolStream> BeginAsync(Envelope envelope) =>
        new Stream(await CountingFaults(spool.BeginAsync(envelope)), envelope, this);

    private async ValueTask<T> CountingFaults<T>(ValueTask<T> step)
    {
        try
        {
            return await step;
        }
        catch (SpoolException fault)
        {
            meters.NotStored(fault.IsFull);
            throw;
        }
    }

    private sealed class Stream(ISpoolStream stream, Envelope envelope, MeteredSpool of) : ISpoolStream
    {
        private long _bytes;

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> raw)
        {
            _bytes += raw.Length;
            await of.CountingFaults(DoneAsync(stream.WriteAsync(raw)));
        }

        public async ValueTask<DeliveryId> CommitAsync()
        {
            var start = of.Time.GetTimestamp();
            var delivery = await of.CountingFaults(stream.CommitAsync());
            of.Meters.Stored(envelope, _bytes, of.Time.GetElapsedTime(start));
            return delivery;
        }

        public ValueTask DisposeAsync() => stream.DisposeAsync();

        private static async ValueTask<bool> DoneAsync(ValueTask step)
        {
            await step;
            return true;
        }
    }

    private SmtpMeters Meters => meters;

    private TimeProvider Time => time;
}
