using AMA.Grains.Interfaces.Control;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.Control.SignIn;

/// <summary>
/// Whether an answer's time tells who has an account: Welch's t-test over refusals in a random order, against a real
/// clock. Slow, and needs a quiet machine: infra/soak.sh runs it.
/// </summary>
public sealed class TimingTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Wrong = "a wrong password";
    private const int TriesDefault = 10_000;
    private const double DifferenceMax = 4.5;

    private ControlWorld _world = null!;
    private People _people = null!;

    private static int Tries =>
        int.TryParse(Environment.GetEnvironmentVariable("AMA_TIMING_TRIES"), out var tries) ? tries : TriesDefault;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartNewAsync();
        _people = await People.AtANewTenantAsync(_world);
        await _people.CreateAsync("anna", "auditor");
        await _people.EnrolAsync("anna");
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory(Explicit = true)]
    [InlineData("nobody", People.Tenant)]
    [InlineData("anna", "nowhere")]
    public async Task Threat_33_TimeOfARefusal_TellsNobodyWhoHasAnAccount(string otherUser, string otherTenant)
    {
        var random = Seed.New(output);
        var (one, other) = (new List<double>(), new List<double>());
        while (one.Count < Tries || other.Count < Tries)
        {
            var first = random.Next(2) == 0;
            if ((first ? one : other).Count >= Tries) continue;
            (first ? one : other).Add(first
                ? await TimeAsync(People.Tenant, new("anna", Wrong))
                : await TimeAsync(otherTenant, new(otherUser, Wrong)));
        }
        var t = WelchT(one, other);
        output.WriteLine($"{one.Average():0.000} ms, {other.Average():0.000} ms, t = {t:0.00}");
        Assert.InRange(t, -DifferenceMax, DifferenceMax);
    }

    private async Task<double> TimeAsync(string tenant, Credentials shown)
    {
        var grain = _world.Grain<ISignInGrain>($"eu/{tenant}");
        var start = TimeProvider.System.GetTimestamp();
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => grain.SignIn(shown));
        return TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double WelchT(List<double> one, List<double> other) =>
        (one.Average() - other.Average()) / Math.Sqrt(Variance(one) / one.Count + Variance(other) / other.Count);

    private static double Variance(List<double> values)
    {
        var mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
    }
}
