using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

internal static class Refusal
{
    /// <summary>The call is refused so; its message.</summary>
    public static async Task<string> IsAsync(ControlRefusal expected, Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<ControlException>(call);
        Assert.Equal(expected, refused.Refusal);
        return refused.Message;
    }
}
