namespace AMA.Grains.Control.Keys;

/// <summary>Where a control silo keeps its keys between opening them at start and its end.</summary>
public sealed class KeyRingSlot : IDisposable
{
    private KeyRing? _ring;

    /// <summary>Throws <see cref="InvalidOperationException"/> before <see cref="Set"/>.</summary>
    public KeyRing Ring => _ring ?? throw new InvalidOperationException("Control's keys are not open yet");

    public void Set(KeyRing ring) => _ring = ring;

    public void Dispose() => _ring?.Dispose();
}
