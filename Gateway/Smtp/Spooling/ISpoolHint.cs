namespace AMA.Gateway.Smtp.Spooling;

/// <summary>
/// Tells the spool reader that there is something. Only a hint: it may get lost, and must never throw.
/// </summary>
internal interface ISpoolHint
{
    void SegmentStored();
}
