using System.Net;
using System.Net.Sockets;
using AMA.Adapters.Hosting;
using AMA.Silo.Control;
using AMA.Silo.Embedded;
using AMA.Tests.Cluster.EndToEnd.World;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>Wrong settings are all told at once, before anything listens or is written.</summary>
public sealed class SettingsTests : IDisposable
{
    private const int WrongSettings = 2;

    private readonly TempFolder _folder = new("settings");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SeveralWrongValues_AreAllToldAtOnce_AndNothingListens()
    {
        var (smtp, web) = (ClusterPorts.PickFree(), ClusterPorts.PickFree());
        await using var child = ChildArchive.Launch(
            _folder.Path, $"--AMA:DataDirectory={_folder.At("data")}", $"--AMA:Smtp:Endpoint=127.0.0.1:{smtp}",
            "--AMA:Smtp:ImplicitTlsEndpoint=nonsense", $"--AMA:Web:Endpoint=http://0.0.0.0:{web}",
            "--AMA:Lease:TtlSeconds=3", "--AMA:Region=mars", "--AMA:Smtp:HostNam=typo",
            "--AMA:Spool:Directories=only-one", "--AMA:Smtp:Certificate=not-there.pem");

        Assert.Equal(WrongSettings, await ExitWithoutListeningAsync(child, smtp, web));
        foreach (var key in new[]
        {
            "AMA:Smtp:ImplicitTlsEndpoint", "AMA:Web:Endpoint", "AMA:Lease:TtlSeconds", "AMA:Region",
            "AMA:Smtp:HostNam", "AMA:Spool:Directories", "AMA:Smtp:Certificate",
        })
            Assert.Single(child.Errors.Split('\n'), line => line.Contains($"{key} ", StringComparison.Ordinal)
                || line.Contains($"{key}:", StringComparison.Ordinal));
        Assert.Equal(7, child.Errors.Split('\n').Length);
        Assert.DoesNotContain("   at ", child.Errors); // sentences, no stack
        Assert.Equal("", child.Output);
        Assert.False(Directory.Exists(_folder.At("data")));
    }

    [Theory]
    [InlineData("--AMA:Web:Endpoint=http://0.0.0.0:0", "plain HTTP")]
    [InlineData("--AMA:Web:Endpoint=http://[::]:0", "plain HTTP")]
    [InlineData("--AMA:Smtp:Endpiont=127.0.0.1:0", "AMA:Smtp:Endpiont is no setting of AMA")]
    [InlineData("stray", "\"stray\" is not understood")]
    public async Task OneWrongSetting_IsRefused(string argument, string told)
    {
        await using var child = ChildArchive.Launch(
            _folder.Path, $"--AMA:DataDirectory={_folder.At("data")}", argument);

        Assert.Equal(WrongSettings, await child.ExitCodeAsync());
        Assert.Contains(told, child.Errors);
        Assert.False(Directory.Exists(_folder.At("data")));
    }

    /// <summary>What the options read is what --help names: a setting that is added later is missed here.</summary>
    [Fact]
    public async Task Help_NamesEverySettingThatControlReads_InBothHosts()
    {
        using var output = new StringWriter();
        Assert.Equal(0, await EmbeddedProgram.RunAsync(["--help"], output, TextWriter.Null));
        var embedded = new SettingsReader(new ConfigurationBuilder().Build());
        _ = EmbeddedOptions.Read(embedded);
        var alone = new SettingsReader(new ConfigurationBuilder().Build());
        _ = ControlProgramOptions.Read(alone);
        var help = typeof(ControlProgramOptions).Assembly.GetType("Help")!.GetField("Text")!.GetRawConstantValue();
        AllNamed(embedded, output.ToString());
        AllNamed(alone, (string)help!);

        static void AllNamed(SettingsReader read, string text)
        {
            var named = text.Split('\n').Select(line => line.Trim().Split(' ')[0]).ToHashSet();
            var keys = read.Keys.Where(key => key.StartsWith("AMA:Control:", StringComparison.Ordinal)
                || key is "AMA:Lease:TtlSeconds" or "AMA:Identity:Name" or "AMA:DataDirectory" or "AMA:Region").ToArray();
            Assert.InRange(keys.Length, 15, int.MaxValue);
            Assert.Empty(keys.Except(named));
            Assert.Empty(named.Where(name => name.StartsWith("AMA:Control:", StringComparison.Ordinal)).Except(keys));
        }
    }

    [Fact]
    public async Task DataDirectoryOfARunningArchive_IsLeftAlone()
    {
        await using var archive = new EmbeddedArchive();
        await archive.InitializeAsync();
        await using var child = ChildArchive.Launch(
            _folder.Path, $"--AMA:DataDirectory={archive.Folder.Path}", "--AMA:Smtp:Endpoint=127.0.0.1:0",
            "--AMA:Smtp:ImplicitTlsEndpoint=127.0.0.1:0", "--AMA:Web:Endpoint=http://127.0.0.1:0");

        Assert.Equal(1, await child.ExitCodeAsync());
        Assert.Contains("in use by another AMA process", child.Errors);
        Assert.DoesNotContain("   at ", child.Errors);
        Assert.Equal(0, (await archive.Operator.StatusAsync()).Archived); // the first one goes on
    }

    [Fact]
    public async Task PortInUse_IsSaidWithWhatToDo()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await using var child = ChildArchive.Launch(
            _folder.Path, $"--AMA:DataDirectory={_folder.At("data")}",
            $"--AMA:Smtp:Endpoint=127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}",
            "--AMA:Smtp:ImplicitTlsEndpoint=127.0.0.1:0", "--AMA:Web:Endpoint=http://127.0.0.1:0");

        Assert.Equal(1, await child.ExitCodeAsync());
        Assert.Contains("AMA can't listen", child.Errors);
        Assert.Contains("AMA:Smtp:Endpoint", child.Errors);
    }

    /// <summary>Between two looks: knocking without a pause takes the processor from the start that is watched.</summary>
    private static readonly TimeSpan KnockEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>Knocks at the doors for as long as the process lives.</summary>
    private static async Task<int> ExitWithoutListeningAsync(ChildArchive child, params int[] ports)
    {
        var exit = child.ExitCodeAsync();
        while (!exit.IsCompleted)
        {
            foreach (var port in ports)
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await Assert.ThrowsAnyAsync<SocketException>(() => socket.ConnectAsync(IPAddress.Loopback, port));
            }
            await Task.WhenAny(exit, Task.Delay(KnockEvery));
        }
        return await exit;
    }
}
