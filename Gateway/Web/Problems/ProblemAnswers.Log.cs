using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Web.Problems;

internal sealed partial class ProblemAnswers
{
    [LoggerMessage(3001, LogLevel.Error, "Request {RequestId} failed in a way nobody foresaw: {Where}")]
    private partial void LogUnforeseen(string requestId, string where);

    [LoggerMessage(3002, LogLevel.Warning, "Answer {RequestId} broke off half-way ({Cause}); connection cut")]
    private partial void LogBroken(string requestId, string cause);
}
