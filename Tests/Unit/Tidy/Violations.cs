using Xunit;

namespace AMA.Tests.Unit.Tidy;

internal static class Violations
{
    /// <summary>Fails with all of them, one to a line.</summary>
    public static void None(IEnumerable<string> violations)
    {
        string[] all = [.. violations];
        Assert.True(all.Length == 0, string.Join('\n', all));
    }
}
