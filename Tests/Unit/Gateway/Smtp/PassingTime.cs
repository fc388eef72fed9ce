using Microsoft.Extensions.Time.Testing;

namespace AMA.Tests.Unit.Gateway.Smtp;

internal static class PassingTime
{
    /// <summary>Fewer seconds than a session gets for its last words.</summary>
    private const int StepsMax = 17;

    private static readonly TimeSpan StepLasts = TimeSpan.FromSeconds(4);

    /// <summary>
    /// What comes because time has passed. The sweep over the sessions may have met this one between two waits: then the
    /// next second's finds it.
    /// </summary>
    /// <param name="step">How much passes at once, in seconds.</param>
    public static async Task<T> WhileSecondsPassAsync<T>(this FakeTimeProvider time, Task<T> awaited, int step = 1)
    {
        for (var steps = 0; steps < StepsMax; steps++)
        {
            try
            {
                return await awaited.WaitAsync(StepLasts);
            }
            catch (TimeoutException)
            {
                time.Advance(TimeSpan.FromSeconds(step));
            }
        }
        return await awaited;
    }
}
