using AMA.Archive.Blobs;
using AMA.Archive.Spool;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Spool;

/// <summary>A large message: a segment of its own, never whole in memory.</summary>
public sealed class StreamedSegmentTests : IDisposable
{
    private readonly SpoolFixture _spool = new(seed: 31);
    private readonly MemoryBlobStore _first = new();
    private readonly MemoryBlobStore _second = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _spool.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(16_384)]
    [InlineData(3_000_001)]
    public async Task StreamedRecord_IsTheSameInEveryStore_AndOpensByteForByte(int length)
    {
        var raw = _spool.Mail(length);
        var header = await WriteAsync(raw);
        var name = SegmentNames.Of(header.Id);
        Assert.Equal(
            (await _first.GetAsync(name, Cancel))!.Content.ToArray(),
            (await _second.GetAsync(name, Cancel))!.Content.ToArray());

        var verified = await SegmentReader.VerifyAsync(_second, name, _spool.Trust, Cancel);
        var record = Assert.Single(verified.Records);
        Assert.Equal(SpoolFixture.Envelope.Length + length, record.PlainLength);
        using var opener = await SegmentOpener.CreateAsync(_second, header.Id, _ => _spool.QueuePrivate, Cancel);
        byte[] expected = [.. SpoolFixture.Envelope, .. raw];
        Assert.Equal(expected, await ReadAsync(opener, record));
        Assert.Equal(expected, await opener.OpenAsync(_second, record, Cancel));
    }

    [Fact]
    public async Task MemoryIsBounded_WhateverTheLength()
    {
        var counting = new CountingWriter();
        using var writer = new StreamedSegmentWriter(_spool.Header(), _spool.Identity, _spool.Random, [counting]);
        var part = _spool.Mail(1 << 20);
        for (var i = 0; i < 40; i++) await writer.WriteAsync(part, Cancel);
        await writer.FinishAsync(1, 0, Cancel);
        Assert.True(counting.Total > 40L << 20);
        Assert.InRange(counting.Largest, 1, StreamedSegmentWriter.PieceBytes + 2 * 16_400 + 4_096);
    }

    [Fact]
    public async Task Threat_13_StoreThatFailsMidway_EndsTheSegment_AndNothingIsThere()
    {
        var header = _spool.Header();
        var name = SegmentNames.Of(header.Id);
        await using (var good = await _first.CreateAsync(name, Cancel))
        {
            using var writer = new StreamedSegmentWriter(
                header, _spool.Identity, _spool.Random, [good, new FullWriter(after: 1)]);
            await writer.WriteAsync(_spool.Mail(300_000), Cancel);
            await Assert.ThrowsAsync<BlobStoreException>(
                async () => await writer.WriteAsync(_spool.Mail(300_000), Cancel));
        }
        Assert.Empty(_first.Names);
    }

    [Fact]
    public async Task Threat_12_DamageAfterTheSignatureCheck_IsFoundBeforeTheStreamEnds()
    {
        var raw = _spool.Mail(100_000);
        var header = await WriteAsync(raw);
        var name = SegmentNames.Of(header.Id);
        var record = (await SegmentReader.VerifyAsync(_first, name, _spool.Trust, Cancel)).Records[0];
        using var opener = await SegmentOpener.CreateAsync(_first, header.Id, _ => _spool.QueuePrivate, Cancel);
        var intact = (await _first.GetAsync(name, Cancel))!.Content.ToArray();
        var random = new Random(32);
        for (var round = 0; round < 200; round++)
        {
            var at = (int)record.Offset + random.Next((int)record.Length);
            _first.Damage(name, _ => Flip(intact, at));
            var fault = await Record.ExceptionAsync(async () => await ReadAsync(opener, record));
            Assert.True(fault is SegmentException, $"seed 32, round {round}: {fault}");
        }
    }

    [Fact]
    public async Task Threat_36_WholeOtherSegmentUnderTheName_IsRefused()
    {
        var (one, other) = (await WriteAsync(_spool.Mail(10)), await WriteAsync(_spool.Mail(10)));
        var foreign = (await _first.GetAsync(SegmentNames.Of(other.Id), Cancel))!.Content.ToArray();
        _first.Damage(SegmentNames.Of(one.Id), _ => foreign);
        await Assert.ThrowsAsync<SegmentException>(async () =>
            await SegmentReader.VerifyAsync(_first, SegmentNames.Of(one.Id), _spool.Trust, Cancel));
        await Assert.ThrowsAsync<SegmentException>(async () =>
            await SegmentOpener.CreateAsync(_first, one.Id, _ => _spool.QueuePrivate, Cancel));
    }

    [Theory]
    [InlineData("segments/0123456789abcdef0123456789abcdef.amq1", true)]
    [InlineData("segments/0123456789abcdef0123456789abcdef.amq", false)]
    [InlineData("segments/0123456789ABCDEF0123456789abcdef.amq1", false)]
    [InlineData("segment/0123456789abcdef0123456789abcdef.amq1", false)]
    [InlineData("segments/x.amq1", false)]
    public void Names_OnlyOurOwnAreSegments(string name, bool ours) =>
        Assert.Equal(ours, SegmentNames.TryParse(name, out _));

    private async Task<SegmentHeader> WriteAsync(byte[] raw)
    {
        var header = _spool.Header();
        var name = SegmentNames.Of(header.Id);
        await using var one = await _first.CreateAsync(name, Cancel);
        await using var other = await _second.CreateAsync(name, Cancel);
        using var writer = new StreamedSegmentWriter(header, _spool.Identity, _spool.Random, [one, other]);
        await writer.WriteAsync(SpoolFixture.Envelope, Cancel);
        for (var at = 0; at < raw.Length; at += 70_000)
            await writer.WriteAsync(raw.AsMemory(at, Math.Min(70_000, raw.Length - at)), Cancel);
        await writer.FinishAsync(1, 0, Cancel);
        Assert.True((await one.CommitAsync(Cancel)).Done);
        Assert.True((await other.CommitAsync(Cancel)).Done);
        return header;
    }

    private async Task<byte[]> ReadAsync(SegmentOpener opener, SegmentRecord record)
    {
        await using var stream = await opener.OpenStreamAsync(_first, record, Cancel);
        using var plain = new MemoryStream();
        await stream.CopyToAsync(plain, Cancel);
        return plain.ToArray();
    }

    private static byte[] Flip(byte[] intact, int at)
    {
        var damaged = intact.ToArray();
        damaged[at] ^= 0x10;
        return damaged;
    }

    private sealed class CountingWriter : IBlobWriter
    {
        public long Total { get; private set; }
        public int Largest { get; private set; }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancel)
        {
            Total += content.Length;
            Largest = Math.Max(Largest, content.Length);
            return default;
        }

        public ValueTask<PutResult> CommitAsync(CancellationToken cancel) => new(PutResult.Refused);
        public ValueTask DisposeAsync() => default;
    }

    private sealed class FullWriter(int after) : IBlobWriter
    {
        private int _writes;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancel) =>
            _writes++ < after ? default : throw new BlobStoreException("full", transient: true);

        public ValueTask<PutResult> CommitAsync(CancellationToken cancel) => throw new NotSupportedException();
        public ValueTask DisposeAsync() => default;
    }
}
