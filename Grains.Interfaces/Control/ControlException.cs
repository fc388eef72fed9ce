using Orleans;

namespace AMA.Grains.Interfaces.Control;

public enum ControlRefusal
{
    NotAuthorised,
    NotFound,
    Conflict,
    Invalid,
    /// <summary>Ours, for now: stores or audit away. A later try may succeed.</summary>
    Unavailable,
}

/// <summary>Control says no. The message says why and what to do; it never names content or keys.</summary>
[GenerateSerializer, Alias("ama.control.exception")]
public sealed class ControlException(ControlRefusal refusal, string message) : Exception(message)
{
    [Id(0)] public ControlRefusal Refusal { get; } = refusal;
}
