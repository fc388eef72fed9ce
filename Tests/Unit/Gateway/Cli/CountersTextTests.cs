using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

public class CountersTextTests
{
    [Theory]
    [InlineData(4.96, true)]
    [InlineData(null, false)]
    public void RoomInTheSpool_IsSaid_WhereItIsKnown(double? free, bool said)
    {
        var text = CountersText.Of(new(0, 0, 0, 0, 0, new(0, 0, free), new("held", null)));
        Assert.Equal(said, text.Contains("5.0 % of the spool's disk free"));
        Assert.Equal(said, text.Contains('%'));
    }
}
