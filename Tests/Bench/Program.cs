using AMA.Tests.Bench;
using AMA.Tests.Bench.Accept;
using AMA.Tests.Bench.Corpus;
using AMA.Tests.Bench.Crowd;
using AMA.Tests.Bench.EndToEnd;
using AMA.Tests.Bench.KeyRoots;
using AMA.Tests.Bench.Leases;
using AMA.Tests.Bench.Scale;
using AMA.Tests.Bench.Stages;

if (args is [KeyRootRun.Verb])
{
    await new KeyRootRun(Console.Out, TimeProvider.System).RunAsync(CancellationToken.None);
    return 0;
}
if (args is [LeaseRun.Verb])
{
    await new LeaseRun(Console.Out, TimeProvider.System).RunAsync();
    return 0;
}
if (args is [ScaleRun.Verb])
{
    await new ScaleRun(Console.Out, TimeProvider.System).RunAsync();
    return 0;
}
if (args is [CrowdRun.Verb])
{
    await using var crowd = new CrowdRun(Console.Out, TimeProvider.System);
    await crowd.RunAsync();
    return 0;
}
if (args is [AcceptOptions.Verb, ..])
    return await AcceptAsync(AcceptOptions.Parse(args[1..]));
if (BenchOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(BenchOptions.Usage);
    return 2;
}
if (!Directory.Exists(Path.Combine(options.Corpus, "ordinary")))
{
    Console.Error.WriteLine($"no corpus at {Path.GetFullPath(options.Corpus)}: name it with --corpus or AMA_CORPUS");
    return 2;
}
var mail = await CorpusMail.ReadAsync(options.Corpus, options.Messages);
var runs = new List<EndToEndFigures>();
for (var run = 0; options.EndToEnd && run < options.Runs; run++)
    runs.Add(await EndToEndRun.MeasureAsync(mail, options, TimeProvider.System));
var stages = options.Stages ? StageRun.Measure(mail, options, TimeProvider.System) : null;
new Report(Console.Out).Print(runs, stages, options.Connections);
return 0;

static async Task<int> AcceptAsync(AcceptOptions? options)
{
    var missing = options?.Missing().ToList() ?? [];
    if (options is null) Console.Error.WriteLine(AcceptOptions.Usage);
    foreach (var what in missing) Console.Error.WriteLine($"missing: {what}");
    if (options is null || missing.Count > 0) return 2;
    await new AcceptRun(options, Console.Out).RunAsync();
    return 0;
}
