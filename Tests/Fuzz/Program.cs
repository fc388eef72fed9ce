using AMA.Tests.Fuzz;
using AMA.Tests.Fuzz.Targets;
using SharpFuzz;

const string usage = """
    Usage: AMA.Tests.Fuzz instrument FOLDER            a copy of this program that writes down where it goes
           AMA.Tests.Fuzz guided TARGET SECONDS SEED   tries inputs; ends with 1 at the first that breaks a rule
           AMA.Tests.Fuzz afl TARGET                   for afl-fuzz, in an instrumented copy

    Targets: body, command. AMA_FUZZ_CANARY=1 puts a known mistake into them, which must be found.
    """;
SharpFuzzMap.Attach();
var canary = Environment.GetEnvironmentVariable("AMA_FUZZ_CANARY") == "1";
IFuzzTarget[] targets = [new BodyTarget(canary), new CommandTarget(canary)];
var target = targets.FirstOrDefault(target => target.Name == args.ElementAtOrDefault(1));
switch (args)
{
    case ["instrument", var folder]:
        Instrumentation.CopyTo(AppContext.BaseDirectory, folder);
        return 0;
    case ["guided", _, var seconds, var seed] when target is not null:
        var (time, start) = (TimeProvider.System, TimeProvider.System.GetTimestamp());
        var limit = TimeSpan.FromSeconds(int.Parse(seconds));
        var result = new FuzzRun(target, int.Parse(seed)).Run(_ => time.GetElapsedTime(start) < limit);
        Console.WriteLine($"{target.Name}, seed {seed}: {result}");
        return result.Bad is null ? 0 : 1;
    case ["afl", _] when target is not null:
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var input = new MemoryStream();
            stream.CopyTo(input);
            target.Run(input.ToArray());
        });
        return 0;
    default:
        Console.Error.WriteLine(usage);
        return 2;
}
