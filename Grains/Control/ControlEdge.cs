using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans;

namespace AMA.Grains.Control;

/// <summary>
/// The outermost edge of Control: whatever goes wrong inside leaves as <see cref="ControlException"/>, which every
/// client can read and which says nothing about the inside. The fault itself is in Control's log.
/// </summary>
internal sealed partial class ControlEdge(ILogger<ControlEdge> log) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod?.DeclaringType?.Assembly != typeof(ControlException).Assembly)
        {
            await context.Invoke();
            return;
        }
        try
        {
            await context.Invoke();
        }
        catch (Exception fault) when (fault is not ControlException)
        {
            LogFault(context.InterfaceMethod.DeclaringType.Name, context.InterfaceMethod.Name, fault);
            throw new ControlException(ControlRefusal.Unavailable, "Control has a fault of its own; try again.");
        }
    }

    [LoggerMessage(1, LogLevel.Error, "{grain}.{method} failed")]
    private partial void LogFault(string grain, string method, Exception fault);
}
