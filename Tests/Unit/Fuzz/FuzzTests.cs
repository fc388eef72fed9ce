using System.Diagnostics;
using System.Text;
using AMA.Tests.Fuzz;
using AMA.Tests.Fuzz.Targets;
using AMA.Tests.Unit.Gateway.Smtp;
using CsCheck;
using Xunit;

namespace AMA.Tests.Unit.Fuzz;

/// <summary>The fuzz targets, a short while; infra/soak.sh gives them hours.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Inputs = 20_000;

    private static readonly Gen<byte[]> Wire = Gen.Select(
        Gen.Byte, Gen.OneOf(Gen.OneOf("\r\n.x"u8.ToArray()), Gen.Byte).Array[0, 40], (cut, wire) => (byte[])[cut, .. wire]);

    private static readonly Gen<byte[]> Senders = Gen.OneOf(
        Gen.OneOf("ab\"\\ .@"u8.ToArray()), Gen.Char[' ', '~'].Select(c => (byte)c)).Array[0, 6].Select(
        local => Encoding.Latin1.GetBytes($"MAIL FROM:<\"{Encoding.Latin1.GetString(local)}\"@x.example>\r\n"));

    [Theory, InlineData("body"), InlineData("command")]
    public void Threat_01_SeededRun_FindsNothing(string name)
    {
        const int seed = 20261123;
        var result = new FuzzRun(TargetOf(name, canary: false), seed).Run(runs => runs < Inputs);
        output.WriteLine($"{name}, seed {seed}: {result}");
        Assert.Null(result.Bad);
    }

    [Fact]
    public void Body_KeepsItsRules_WhateverComes() => Wire.Sample(new BodyTarget(canary: false).Run);

    [Fact]
    public void Sender_KeepsItsRules_WhateverItIs() => Senders.Sample(new CommandTarget(canary: false).Run);

    [Fact]
    public void Canary_TheKnownMistakes_AreFoundByTheProperties()
    {
        Assert.ThrowsAny<Exception>(() => Wire.Sample(new BodyTarget(canary: true).Run, iter: 50_000));
        Assert.ThrowsAny<Exception>(() => Senders.Sample(new CommandTarget(canary: true).Run, iter: 50_000));
    }

    /// <summary>In a process of its own: instrumented code counts in one map.</summary>
    [Theory, InlineData("body"), InlineData("command")]
    public async Task Canary_TheKnownMistake_IsFoundByTheGuidedRun(string name)
    {
        const string secondsMax = "60";
        const string seed = "4"; // any will do in the end; this one is quick
        var copy = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            Instrumentation.CopyTo(Path.Combine(TestTree.Root, "Tests", "Fuzz", "bin", "Release", "net10.0"), copy);
            var (code, text) = await RunAsync(Path.Combine(copy, "AMA.Tests.Fuzz.dll"), "guided", name, secondsMax, seed);
            output.WriteLine(text);
            Assert.Equal(1, code);
            Assert.Contains(nameof(Finding), text);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static IFuzzTarget TargetOf(string name, bool canary) =>
        name == "body" ? new BodyTarget(canary) : new CommandTarget(canary);

    private static async Task<(int Code, string Text)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true };
        start.Environment["AMA_FUZZ_CANARY"] = "1";
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, text);
    }
}
