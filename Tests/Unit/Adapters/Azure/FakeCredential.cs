using System.Collections.Concurrent;
using Azure.Core;

namespace AMA.Tests.Unit.Adapters.Azure;

/// <summary>Gives tokens as asked, and remembers what was asked.</summary>
internal sealed class FakeCredential(string token = FakeVault.GoodToken) : TokenCredential
{
    private static readonly DateTimeOffset Never = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public ConcurrentQueue<TokenRequestContext> Asked { get; } = [];

    public Exception? Fault { get; set; }

    public override AccessToken GetToken(TokenRequestContext context, CancellationToken cancel)
    {
        if (Fault is not null) throw Fault;
        Asked.Enqueue(context);
        return new(context.Claims is null ? token : FakeVault.ClaimsToken, Never);
    }

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext context, CancellationToken cancel) =>
        new(GetToken(context, cancel));
}
