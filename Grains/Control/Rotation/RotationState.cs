namespace AMA.Grains.Control.Rotation;

/// <summary>When each kind of key was last rotated to its end.</summary>
public sealed record RotationState
{
    public DateTimeOffset? Root { get; init; }
    public DateTimeOffset? Store { get; init; }
    public DateTimeOffset? Tenants { get; init; }
}
