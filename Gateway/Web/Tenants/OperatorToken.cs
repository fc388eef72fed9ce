using AMA.Gateway.Web.Problems;
using AMA.Gateway.Web.Session;
using Microsoft.AspNetCore.Http;

namespace AMA.Gateway.Web.Tenants;

/// <summary>The operator's secret, as sent. Control decides whether it is the right one.</summary>
internal readonly record struct OperatorToken(string Text)
{
    /// <summary>Read from the request before a handler that takes one runs.</summary>
    public static ValueTask<OperatorToken> BindAsync(HttpContext context)
    {
        var token = Bearer.Read(context.Request);
        if (SessionToken.TryRead(token, out _))
            throw new ProblemException(Problem.NotAllowed("A session cannot do this: send the operator token."));
        return new(new OperatorToken(token));
    }

    public override string ToString() => "[operator token]";
}
