using System.Net;
using AMA.Adapters.Submission;

namespace AMA.Tests.Cluster.EndToEnd.World;

/// <summary>Asks again and again until the answer is the wanted one; at the deadline the last answer is told.</summary>
public static class WaitUntil
{
    /// <summary>Generous: a busy machine makes things slow, and only a failure waits for so long.</summary>
    public static readonly TimeSpan DeadlineDefault = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);

    public static async Task<T> AnswerAsync<T>(
        string what, Func<Task<T>> ask, Func<T, bool> wanted, TimeSpan? deadline = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            object? last;
            try
            {
                var answer = await ask();
                if (wanted(answer)) return answer;
                last = answer;
            }
            catch (Exception e) when (IsOfTheMoment(e))
            {
                last = $"{e.GetType().Name}: {e.Message}";
            }
            if (TimeProvider.System.GetElapsedTime(started) > (deadline ?? DeadlineDefault))
                throw new TimeoutException($"waited for: {what}; the last answer was: {last}");
            await Task.Delay(AskEvery);
        }
    }

    public static Task TrueAsync(string what, Func<bool> condition, TimeSpan? deadline = null) =>
        AnswerAsync(what, () => Task.FromResult(condition()), yes => yes, deadline);

    /// <summary>"Try again later", said in one of the ways in which it is allowed to be said.</summary>
    private static bool IsOfTheMoment(Exception fault) => fault switch
    {
        RefusedException refused => refused.Status is HttpStatusCode.Locked or HttpStatusCode.ServiceUnavailable,
        HttpRequestException or SubmissionException => true,
        _ => false,
    };
}
