namespace AMA.Adapters.Hosting;

/// <summary>Keys of the remote clusters a process is a client of.</summary>
public static class ClusterNames
{
    public const string Production = "production";
    public const string Control = "control";
}
