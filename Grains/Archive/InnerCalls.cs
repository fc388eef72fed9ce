using System.Reflection;
using System.Security.Cryptography;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive;

/// <summary>What the silos of the production cluster know and its clients don't.</summary>
public sealed record ClusterPass(byte[] Bytes)
{
    public override string ToString() => "[secret]";
}

/// <summary>
/// Gateways are clients of this cluster, and a client can call any interface whose name it knows. What only back-end
/// grains ask of each other (indexes, the log's writer, ingest) therefore carries a pass that no client has; a gateway
/// that was taken over gets no further than anybody's questions, with their token (threats.md, row 39).
/// </summary>
public sealed class InnerCalls(ClusterPass pass) : IOutgoingGrainCallFilter, IIncomingGrainCallFilter
{
    private const string PassName = "ama.archive.pass";

    private static readonly Type[] Open =
    [
        typeof(ISearchGrain), typeof(IRegionGrain), typeof(IRelayGrain), typeof(IDeliveriesGrain),
        typeof(IRegionReceiptsGrain),
    ];

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (!IsInner(context.InterfaceMethod))
        {
            await context.Invoke();
            return;
        }
        RequestContext.Set(PassName, pass.Bytes);
        try
        {
            await context.Invoke();
        }
        finally
        {
            RequestContext.Remove(PassName);
        }
    }

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (!IsInner(context.InterfaceMethod)) return context.Invoke();
        if (RequestContext.Get(PassName) is not byte[] shown || !CryptographicOperations.FixedTimeEquals(shown, pass.Bytes))
            throw new ArchiveException(ArchiveRefusal.NotAllowed, "not for callers from outside the back end");
        RequestContext.Remove(PassName); // the grain's own calls get it again when they need it
        return context.Invoke();
    }

    /// <summary>Everything of ours but questions, the relay, and the hint that wakes the spool reader.</summary>
    private static bool IsInner(MethodInfo? method) =>
        method?.DeclaringType is { } type && type.Assembly == typeof(ISearchGrain).Assembly && !Open.Contains(type)
        && !(type == typeof(ISpoolReaderGrain) && method.Name == nameof(ISpoolReaderGrain.Wake));
}
