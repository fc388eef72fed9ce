using System.Reflection;
using System.Security.Cryptography;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Orleans;
using Orleans.Runtime;

namespace AMA.Grains.Control;

/// <summary>
/// Keeps clients out of the grains that only Control's own grains may call. Production's processes are clients of this
/// cluster, and a client can call any interface whose name it knows; so calls between Control's grains carry a pass
/// that only its silos can derive.
/// </summary>
internal sealed class InternalCalls(KeyRingSlot slot) : IOutgoingGrainCallFilter, IIncomingGrainCallFilter
{
    private const string PassName = "ama.control.pass";

    private readonly Lazy<string> _pass = new(() =>
    {
        using var key = slot.Ring.Derive("ama/control-calls@v1");
        return Convert.ToHexString(key.Span);
    });

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (!IsInternal(context.InterfaceMethod))
        {
            await context.Invoke();
            return;
        }
        RequestContext.Set(PassName, _pass.Value);
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
        if (!IsInternal(context.InterfaceMethod)) return context.Invoke();
        if (!HasPass()) throw new ControlException(ControlRefusal.NotAuthorised, "Not for callers from outside.");
        RequestContext.Remove(PassName); // the grain's own calls get it again when they need it
        return context.Invoke();
    }

    private bool HasPass() =>
        RequestContext.Get(PassName) is string pass && CryptographicOperations.FixedTimeEquals(
            System.Text.Encoding.ASCII.GetBytes(pass), System.Text.Encoding.ASCII.GetBytes(_pass.Value));

    private static bool IsInternal(MethodInfo? method) =>
        method?.DeclaringType?.Assembly == typeof(InternalCalls).Assembly;
}
