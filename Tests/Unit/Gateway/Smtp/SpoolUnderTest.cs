using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AMA.Archive.Access;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Link;
using AMA.Gateway.Smtp.Spooling;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>
/// The real group-commit spool over two stores in memory, and the back end's eyes to look at what came out.
/// </summary>
internal sealed class SpoolUnderTest : IAsyncDisposable
{
    private const ulong KeyId = 7;
    private readonly SeededIds _random = new(4711);
    private readonly CertificateAuthority _authority;
    private readonly Secret _queuePrivate;
    private readonly QueuePublicKey _queueKey;

    public SpoolUnderTest(int required = 2, bool enrolled = true)
    {
        (First, Second) = (new StoreInFront(FirstBlobs), new StoreInFront(SecondBlobs));
        var now = Time.GetUtcNow();
        _authority = CertificateAuthority.Create(Region.Eu, now);
        var pair = KeyAgreement.NewPair(_random);
        _queuePrivate = pair.Private;
        _queueKey = new QueuePublicKey(KeyId, pair.Public, now, now.AddDays(30));
        Standing = new GatewayStanding(TimeSpan.FromSeconds(120), Time);
        if (enrolled) Enrol(now);
        var copies = new SpoolCopies(
            [First, Second], required, TimeSpan.FromSeconds(30), Time, NullLogger<SpoolCopies>.Instance);
        Spool = new GroupCommitSpool(
            new SegmentMaker(Standing, Region.Eu, _random, Time), copies, Hint, _random,
            NullLogger<GroupCommitSpool>.Instance);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public MemoryBlobStore FirstBlobs { get; } = new();

    public MemoryBlobStore SecondBlobs { get; } = new();

    public StoreInFront First { get; }

    public StoreInFront Second { get; }

    public GatewayStanding Standing { get; }

    public CountingHint Hint { get; } = new();

    public GroupCommitSpool Spool { get; }

    public static Envelope Envelope { get; } = new(
        FixedBook.One, "a@client.example", [new EnvelopeRecipient("journal@one.example", FixedBook.Mailbox)],
        new ReceiveTrace(
            new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero), "192.0.2.1", "client.example", "TLSv1.3",
            "TLS_AES_256_GCM_SHA384", null, false, true, null, null));

    public Task<DeliveryId> StoreAsync(byte[] raw) =>
        Spool.StoreAsync(Envelope, new ReadOnlySequence<byte>(raw)).AsTask();

    public byte[] Mail(int length) => _random.NextBytes(length);

    /// <summary>A segment as the back end finds it: signature, chain and validity are checked.</summary>
    public async Task<VerifiedSegment> SegmentAsync(IBlobStore store, SegmentId id)
    {
        var trust = new SegmentTrust(_authority.Certificate, Region.Eu, key => key == KeyId ? _queueKey : null);
        return await SegmentReader.VerifyAsync(store, SegmentNames.Of(id), trust, CancellationToken.None);
    }

    /// <summary>The message behind a receipt, opened with the queue's private key.</summary>
    public async Task<(Envelope Envelope, byte[] Raw)> OpenAsync(IBlobStore store, DeliveryId receipt)
    {
        var segment = await SegmentAsync(store, receipt.Segment);
        using var opener = await SegmentOpener.CreateAsync(
            store, receipt.Segment, key => key == KeyId ? _queuePrivate : null, CancellationToken.None);
        var plain = await opener.OpenAsync(store, segment.Records[(int)receipt.RecNo], CancellationToken.None);
        var envelope = EnvelopeCodec.Decode(plain, out var read);
        return (envelope, plain[read..]);
    }

    public async ValueTask DisposeAsync()
    {
        await Spool.DisposeAsync();
        _queuePrivate.Dispose();
        _authority.Dispose();
    }

    private void Enrol(DateTimeOffset now)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var peer = new PeerIdentity(Region.Eu, PeerRole.Gateway, "gw-1");
        Standing.Enrolled(new GatewayIdentity(
            key, _authority.Issue(peer, new PublicKey(key), now, TimeSpan.FromDays(3), _random)));
        var queueKeys = new QueueKeysDocument(
            Region.Eu, now, [new QueueKeyEntry(KeyId, _queueKey.PublicKey, _queueKey.NotBefore, _queueKey.NotAfter)]);
        Standing.Learned(new DirectoryDocument(1, Region.Eu, now, []), queueKeys);
    }

    internal sealed class CountingHint : ISpoolHint
    {
        public int Count;

        public void SegmentStored() => Interlocked.Increment(ref Count);
    }
}
