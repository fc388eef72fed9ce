using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Session;

namespace AMA.Gateway.Web.Jobs;

/// <summary>Tells the back end that there is something to carry out.</summary>
internal static class LookHint
{
    public static async Task TryGiveAsync(SessionToken token, IClusters clusters)
    {
        try
        {
            await clusters.Search(token.RequireTenant()).LookForErasures(token.Text);
        }
        catch (Exception)
        {
            // Only a hint: the back end looks by itself, some minutes later.
        }
    }
}
