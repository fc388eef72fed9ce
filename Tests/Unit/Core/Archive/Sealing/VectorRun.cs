using AMA.Archive.Log;
using AMA.Archive.Sealing;
using AMA.Archive.Spool;
using AMA.Tests.Unit.Vectors;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Sealing;

/// <summary>Runs all cases of a file and reports all that differ, by name.</summary>
public static class VectorRun
{
    /// <param name="bad">Must throw the named fault.</param>
    /// <param name="good">Must pass.</param>
    public static void All(string file, Action<VectorCase> bad, Action<VectorCase> good)
    {
        var cases = VectorCase.ReadFile(file);
        Assert.Contains(cases, @case => @case.IsGood);
        Assert.Contains(cases, @case => !@case.IsGood);
        var problems = cases.Select(@case => Run(@case, bad, good)).OfType<string>().ToList();
        Assert.True(problems.Count == 0, string.Join("\n", problems));
    }

    private static string? Run(VectorCase @case, Action<VectorCase> bad, Action<VectorCase> good)
    {
        var due = @case.Expect;
        try
        {
            (@case.IsGood ? good : bad)(@case);
            return @case.IsGood ? null : $"{@case.Name}: was taken, must fail as {due}";
        }
        catch (Exception e)
        {
            if (FaultOf(e) is not { } fault) return $"{@case.Name}: {e}";
            return fault == due ? null : $"{@case.Name}: {fault} ({e.Message}), not {due}";
        }
    }

    private static string? FaultOf(Exception exception) => exception switch
    {
        SealException e => e.Fault.ToString(),
        EnvelopeException e => e.Fault.ToString(),
        SegmentException e => e.Fault.ToString(),
        LogException e => e.Fault.ToString(),
        _ => null,
    };
}
