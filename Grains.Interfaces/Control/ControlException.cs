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
    /// <summary>Known, but the role doesn't allow it.</summary>
    NotAllowed,
    /// <summary>The password was right; a code of the second factor is missing.</summary>
    SecondFactorRequired,
    /// <summary>The password was right; the role needs a second factor, and there is none yet.</summary>
    EnrolmentRequired,
    /// <summary>The password was right, for this once: it must be changed first.</summary>
    PasswordChangeRequired,
    /// <summary>Too many failed from the caller's address; says nothing of any account. Later.</summary>
    TooManyTries,
}

/// <summary>Control says no. The message says why and what to do; it never names content or keys.</summary>
[GenerateSerializer, Alias("ama.control.exception")]
public sealed class ControlException(ControlRefusal refusal, string message) : Exception(message)
{
    [Id(0)] public ControlRefusal Refusal { get; } = refusal;

    /// <summary>When a further try may succeed; null where that is not known.</summary>
    [Id(1)] public int? RetryAfterSeconds { get; init; }
}
