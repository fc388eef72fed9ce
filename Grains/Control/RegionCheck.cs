using AMA.Archive.Ids;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control;

/// <summary>A Control serves one region: a grain of another is refused when it is activated.</summary>
internal static class RegionCheck
{
    public static void Only(KeyRing ring, string key)
    {
        if (key != ring.Region.Text())
            throw new ControlException(
                ControlRefusal.NotFound, $"This Control serves the region {ring.Region.Text()} only.");
    }

    /// <summary>"{region}/{rest}": the rest.</summary>
    public static string Rest(KeyRing ring, string key)
    {
        var slash = key.IndexOf('/');
        Only(ring, slash < 0 ? key : key[..slash]);
        return slash < 0 ? "" : key[(slash + 1)..];
    }
}
