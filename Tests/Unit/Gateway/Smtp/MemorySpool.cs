using System.Buffers;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Spooling;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>Keeps what it is given; fails when told to.</summary>
internal sealed class MemorySpool : ISpool
{
    private readonly Lock _gate = new();
    private readonly List<(Envelope Envelope, byte[] Raw)> _stored = [];

    /// <summary>Both ways of storing throw from now on.</summary>
    public bool Fails { get; set; }

    /// <summary>With <see cref="Fails"/>: because there is no room.</summary>
    public bool IsFull { get; set; }

    /// <summary>Storing throws what no spool should throw.</summary>
    public bool Breaks { get; set; }

    /// <summary>Messages that were streamed and not held.</summary>
    public int Streamed { get; private set; }

    public IReadOnlyList<(Envelope Envelope, byte[] Raw)> Stored
    {
        get
        {
            lock (_gate) return [.. _stored];
        }
    }

    public ValueTask<DeliveryId> StoreAsync(Envelope envelope, ReadOnlySequence<byte> raw) =>
        ValueTask.FromResult(Keep(envelope, raw.ToArray()));

    public ValueTask<ISpoolStream> BeginAsync(Envelope envelope)
    {
        if (Fails) throw new SpoolException("told to fail") { IsFull = IsFull };
        return ValueTask.FromResult<ISpoolStream>(new MemoryStreamed(this, envelope));
    }

    private DeliveryId Keep(Envelope envelope, byte[] raw)
    {
        if (Fails) throw new SpoolException("told to fail") { IsFull = IsFull };
        if (Breaks) throw new InvalidOperationException("told to break");
        lock (_gate)
        {
            _stored.Add((envelope, raw));
            return new DeliveryId(default, (uint)_stored.Count);
        }
    }

    private sealed class MemoryStreamed(MemorySpool spool, Envelope envelope) : ISpoolStream
    {
        private readonly ArrayBufferWriter<byte> _raw = new();

        public ValueTask WriteAsync(ReadOnlyMemory<byte> raw)
        {
            _raw.Write(raw.Span);
            return ValueTask.CompletedTask;
        }

        public ValueTask<DeliveryId> CommitAsync()
        {
            spool.Streamed++;
            return ValueTask.FromResult(spool.Keep(envelope, _raw.WrittenSpan.ToArray()));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
