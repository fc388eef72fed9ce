using System.Diagnostics;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>The command ama as a process of its own, at the socket of a Control that works.</summary>
public sealed class ControlVerbsTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private ControlWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await ControlWorld.StartNewAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Shares_AreMade_AndDrilled_AndEachMistakeIsSaid()
    {
        foreach (var arguments in new[] { "recovery create", "recovery create --json", "recovery create --json --to-output" })
        {
            var refused = await AmaAsync(arguments);
            Assert.Equal((2, ""), (refused.Exit, refused.Out));
            Assert.Contains("terminal", refused.Error);
        }
        Assert.Null(_world.Service<RecoveryDesk>().MadeAt);

        var shares = await CreateAsync();
        Assert.Equal(5, shares.Length);
        Assert.Equal(0, (await AmaAsync("recovery drill", shares[4], shares[0], shares[2])).Exit);
        Assert.NotNull(_world.Service<RecoveryDesk>().LastDrillAt);

        var mistyped = (shares[1][0] == 'A' ? 'B' : 'A') + shares[1][1..];
        await WrongAsync("Share 2: a character is wrong", shares[0], mistyped, shares[2]);
        await WrongAsync("3 different shares are needed", shares[0], shares[1], shares[0]);
        await WrongAsync("Share 3 of 3 is missing", shares[0], shares[1]);
        var older = shares;
        shares = await CreateAsync();
        await WrongAsync("older recovery key", shares[0], older[1], shares[2]);
        var restore = await AmaAsync("recovery restore --with-shares", shares[..3]);
        Assert.Equal(1, restore.Exit);
        Assert.Contains("nothing to restore", restore.Error);
    }

    [Fact]
    public async Task SharesWhoseChecksumsAreNotTypedBack_DoNotCount()
    {
        var refused = await AmaAsync("recovery create --to-output", "AAAA-BBBB", "x", "x", "x", "x");
        Assert.Equal(2, refused.Exit);
        Assert.Contains("look at the paper again", refused.Error);
        var brokenOff = await AmaAsync("recovery create --to-output");
        Assert.Equal(2, brokenOff.Exit);
        Assert.Contains("The checksum of share 1 is missing: nothing has changed", brokenOff.Error);
        Assert.Null(_world.Service<RecoveryDesk>().MadeAt);
        Assert.Contains("No recovery key was made yet", (await AmaAsync("recovery drill", refused.Out
            .Split('\n')[..3].Select(line => line.Split("  ")[1]).ToArray())).Error);
    }

    [Fact]
    public async Task OperatorsVerbs_DoWhatTheySay_OnRecord()
    {
        var tenant = await _world.CreateTenantAsync();
        var status = await AmaAsync("status");
        Assert.Equal(0, status.Exit);
        Assert.Contains("ama control recovery create", status.Out);
        foreach (var (verb, told) in new[]
        {
            ("rotate skek", ""), ("rotate rkek", ""), ($"rotate tenant {tenant.Id:N}", ""),
            ("enroll --role backend --name archive-1", "EnrolmentToken"), ("expel --role gateway --name mx-1", ""),
            ("revoke silo archive-1 --hold", ""), ("revocations", "archive-1"), ("lift silo archive-1", ""),
            ("audit --act peer-revocation", "peer-revocation"), ("audit --verify", ""),
        })
        {
            var done = await AmaAsync(verb);
            Assert.True(done.Exit == 0, $"{verb}: {done.Exit} {done.Out} {done.Error}");
            Assert.Contains(told, done.Out);
        }
        var acts = (await AuditTrail.ReadAsync(_world)).Where(entry => entry.Granted).Select(entry => entry.Act).ToHashSet();
        Assert.Superset(
            new HashSet<AuditAct> { AuditAct.KeyRotation, AuditAct.EnrolmentToken, AuditAct.PeerRevocation, AuditAct.Revocation },
            acts);
    }

    [Theory]
    [InlineData("rotate everything", 2, "rkek")]
    [InlineData("expel --role gardener --name x", 2, "gateway")]
    [InlineData("revoke silo", 2, "silo")]
    [InlineData("audit --since yesterday", 2, "time")]
    public async Task WhatIsMistyped_IsSaid(string verb, int exit, string told)
    {
        var refused = await AmaAsync(verb);
        Assert.Equal(exit, refused.Exit);
        Assert.Contains(told, refused.Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", refused.Error);
    }

    private async Task WrongAsync(string told, params string[] shares)
    {
        var refused = await AmaAsync("recovery drill", shares);
        Assert.Equal((2, ""), (refused.Exit, refused.Out));
        Assert.Contains(told, refused.Error);
    }

    /// <summary>Types each checksum back: the last two groups of what is shown.</summary>
    private async Task<string[]> CreateAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        using var process = Start("recovery create --to-output");
        var shares = new List<string>();
        while (shares.Count < 5)
            shares.Add((await process.StandardOutput.ReadLineAsync(limit.Token))!.Split("  ")[1]);
        foreach (var share in shares) await process.StandardInput.WriteLineAsync(string.Join('-', share.Split('-')[^2..]));
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(0, process.ExitCode);
        return [.. shares];
    }

    private async Task<(int Exit, string Out, string Error)> AmaAsync(string verb, params string[] lines)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var process = Start(verb);
        foreach (var line in lines) await process.StandardInput.WriteLineAsync(line);
        process.StandardInput.Close();
        var said = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await said, error);
    }

    private Process Start(string verb)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "ama.dll");
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] arguments =
        [
            program, "control", .. verb.Split(' '), "--socket", _world.Options.AdminSocket,
            "--operator-token-file", _world.Options.OperatorTokenFile,
        ];
        return Process.Start(new ProcessStartInfo(dotnet, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
    }
}
