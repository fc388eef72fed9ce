using System.Text;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Spool;

public sealed class SegmentMarkTests
{
    private static readonly TenantId One = new(new Guid(1, 0, 0, new byte[8]));
    private static readonly TenantId Two = new(new Guid(2, 0, 0, new byte[8]));

    [Fact]
    public void ArchivedSegment_IsTheTextOfTheFormat_AndReadsBack()
    {
        var mark = SegmentMark.OfArchived(
            [(4, Two, 7), (0, One, 12), (1, One, 12), (2, One, 12), (3, One, 11), (5, One, 12), (6, One, 12)]);
        var text = Encoding.UTF8.GetString(mark.Write());
        Assert.Equal($"archived\n{One} 11 3\n{One} 12 0-2,5-6\n{Two} 7 4\n", text);

        var read = SegmentMark.Read(mark.Write())!;
        Assert.Null(read.Quarantine);
        Assert.Equal(
            [12ul, 11ul, 12ul, 7ul, null, null],
            [read.BatchOf(One, 0), read.BatchOf(One, 3), read.BatchOf(One, 6), read.BatchOf(Two, 4), read.BatchOf(Two, 0),
                read.BatchOf(One, 4)]);
        Assert.Equal((true, false), (read.Holds(4), read.Holds(7)));
    }

    [Fact]
    public void QuarantinedSegment_SaysWhenAndWhy()
    {
        var at = new DateTimeOffset(2026, 11, 24, 3, 4, 5, TimeSpan.Zero);
        var bytes = SegmentMark.OfQuarantined(at, "Signature").Write();
        Assert.Equal("quarantined\n2026-11-24T03:04:05Z Signature\n", Encoding.UTF8.GetString(bytes));
        Assert.Equal(new QuarantineNote(at, "Signature"), SegmentMark.Read(bytes)!.Quarantine);
    }

    [Theory]
    [InlineData("")]
    [InlineData("archived")]
    [InlineData("lost\n")]
    [InlineData("archived\nnobody 1 0\n")]
    [InlineData("archived\n00000001000000000000000000000000 x 0\n")]
    [InlineData("archived\n00000001000000000000000000000000 1 2-1\n")]
    [InlineData("archived\n00000001000000000000000000000000 1 0-65536\n")]
    [InlineData("archived\n00000001000000000000000000000000 1 0-9-10\n")]
    [InlineData("quarantined\n")]
    [InlineData("quarantined\nyesterday Signature\n")]
    public void AnythingElse_IsNoMark(string text) => Assert.Null(SegmentMark.Read(Encoding.UTF8.GetBytes(text)));
}
