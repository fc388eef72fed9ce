using AMA.Gateway.Web.Problems;
using AMA.Tests.Unit.Gateway.Cli;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Web;

/// <summary>docs/api.md names every route there is and every problem a client may meet.</summary>
public sealed class ApiPageTests
{
    private static readonly string Page = File.ReadAllText(CliPageTests.RepositoryFile("docs", "api.md"));

    [Fact]
    public async Task NamesEveryRoute()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var api = await GatewayUnderTest.JsonAsync(await gateway.GetAsync("/openapi/v1.json"));
        foreach (var (path, operations) in api["paths"]!.AsObject())
            foreach (var (method, _) in operations!.AsObject())
                Assert.Contains($"`{method.ToUpperInvariant()} {path}", Page);
    }

    [Fact]
    public void NamesEveryProblem()
    {
        Problem[] all =
        [
            .. ((int[])[400, 401, 403, 404, 405, 408, 413, 415, 429, 503]).Select(Problem.OfStatus),
            Problem.Conflict(""), Problem.Locked(""), Problem.Internal(""), Problem.SecondFactorRequired(""),
            Problem.EnrolmentRequired(""), Problem.PasswordChangeRequired(""),
        ];
        Assert.All(all, problem => Assert.Contains($"| {problem.Status} | `urn:ama:problem:{problem.Kind}` |", Page));
    }
}
