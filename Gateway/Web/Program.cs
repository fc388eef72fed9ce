using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Programs;
using AMA.Adapters.Hosting.Tls;
using AMA.Adapters.Local;
using AMA.Gateway.Web;
using Microsoft.Extensions.Logging;

return await new ProgramRun<WebProgramOptions>(WebProgramOptions.Help, WebProgramOptions.Read, BodyAsync)
    .RunAsync(args);

static async Task BodyAsync(
    WebProgramOptions options, Action<ILoggingBuilder> logging, TextWriter output, CancellationToken stop)
{
    using var logs = LoggerFactory.Create(logging);
    var keeper = options.Identity.NewKeeper(new DurableFiles(), TimeProvider.System);
    await keeper.StartAsync(logs.CreateLogger("AMA.Identity"), stop);
    await using var gateway = WebGatewayHost.Build(options.Web, new()
    {
        Identity = keeper,
        ConfigureProduction = client => client.UseLocalClient(
            options.Production, new ClusterTls(keeper.Credentials, PeerRoles.Production)),
        ConfigureControl = client => client.UseLocalClient(
            options.Control, new ClusterTls(keeper.Credentials, PeerRoles.Control)),
        Region = options.Identity.Region,
        Time = TimeProvider.System,
        Logging = logging,
    });
    await gateway.StartAsync(stop);
    await output.WriteLineAsync($"Web gateway is ready: {gateway.Urls.First()}");
    await gateway.RunUntilAsync(stop);
}
