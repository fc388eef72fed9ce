namespace AMA.Tests.Bench.Stages;

/// <summary>
/// CPU time by stage, in the order in which stages are first seen; one thread works, the collector helps.
/// </summary>
public sealed class StageClock
{
    private readonly Dictionary<string, TimeSpan> _stages = [];

    public IEnumerable<(string Stage, TimeSpan Cpu)> Stages => _stages.Select(s => (s.Key, s.Value));

    public TimeSpan Total => new(_stages.Values.Sum(s => s.Ticks));

    public T Time<T>(string stage, Func<T> work)
    {
        var began = Environment.CpuUsage.TotalTime;
        var result = work();
        _stages[stage] = _stages.GetValueOrDefault(stage) + (Environment.CpuUsage.TotalTime - began);
        return result;
    }

    public void Time(string stage, Action work) => Time(stage, () =>
    {
        work();
        return true;
    });
}
